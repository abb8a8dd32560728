//! S3 without a network, with faults. It does what object_store needs.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService};
use usage_client::reqwest::{Method, StatusCode, header};

use crate::{dataset::Dataset, location::Kind, store::Store};

/// The secrets of [`environment`] all contain this.
const SECRET: &str = "hidden";

/// The variables with which the stores are used.
pub(crate) fn environment() -> Vec<(String, String)> {
    [
        ("AWS_ACCESS_KEY_ID", "AKIAhidden"),
        ("AWS_SECRET_ACCESS_KEY", "hidden-secret"),
        ("AWS_SESSION_TOKEN", "hidden-session"),
        ("AZURE_STORAGE_ACCOUNT_NAME", "account"),
        (
            "AZURE_STORAGE_SAS_KEY",
            "sv=2022-11-02&ss=b&sig=hidden%2Fsignature%3D",
        ),
        ("GOOGLE_BEARER_TOKEN", "hidden-token"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This response. The text may contain secrets, which stores repeat in errors.
    Response(u16, &'static [(&'static str, &'static str)], String),
    /// The request is carried out, and the connection breaks before the response.
    LostResponse,
    /// There is never a response.
    Hang,
}

impl Fault {
    pub(crate) fn code(status: u16, code: &str) -> Self {
        let text = format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message>\
             <AWSAccessKeyId>AKIA{SECRET}</AWSAccessKeyId><StringToSign>{SECRET}</StringToSign></Error>"
        );
        Self::Response(status, &[], text)
    }
}

type Faults = dyn FnMut(&Method, &str) -> Option<Fault> + Send;

#[derive(Clone)]
pub(crate) struct FakeS3(Arc<State>);

struct State {
    objects: Mutex<BTreeMap<String, Bytes>>,
    uploads: Mutex<BTreeMap<String, BTreeMap<u32, Bytes>>>,
    /// Method and path with query of each request, in order.
    log: Mutex<Vec<String>>,
    faults: Mutex<Box<Faults>>,
}

impl std::fmt::Debug for FakeS3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeS3")
    }
}

impl FakeS3 {
    pub(crate) fn new(faults: impl FnMut(&Method, &str) -> Option<Fault> + Send + 'static) -> Self {
        Self(Arc::new(State {
            objects: Mutex::default(),
            uploads: Mutex::default(),
            log: Mutex::default(),
            faults: Mutex::new(Box::new(faults)),
        }))
    }

    /// The data set at this location, with this service for all stores.
    pub(crate) fn dataset(&self, location: &str) -> Dataset {
        self.try_dataset(location, environment()).unwrap()
    }

    pub(crate) fn try_dataset(
        &self,
        location: &str,
        environment: Vec<(String, String)>,
    ) -> crate::Result<Dataset> {
        let location: crate::Location = location.parse().unwrap();
        let Kind::Bucket(bucket) = &location.0 else {
            panic!("{location} is a directory");
        };
        let http = HttpClient::new(self.clone());
        let store = Store::bucket(location.clone(), bucket, http, environment.into_iter())?;
        Ok(Dataset {
            store: Arc::new(store),
        })
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.0.log.lock().unwrap().clone()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.objects.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn object(&self, key: &str) -> Option<Bytes> {
        self.0.objects.lock().unwrap().get(key).cloned()
    }

    pub(crate) fn unfinished_uploads(&self) -> usize {
        self.0.uploads.lock().unwrap().len()
    }

    fn respond(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        range: Option<&str>,
        body: Bytes,
    ) -> HttpResponse {
        let query: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
        let key = percent_encoding::percent_decode_str(key)
            .decode_utf8()
            .unwrap()
            .into_owned();
        let upload = query.get("uploadId");
        match *method {
            Method::GET if query.contains_key("list-type") => self.list(bucket, &query),
            Method::GET | Method::HEAD => self.read(method, &key, range),
            Method::POST if query.contains_key("uploads") => {
                let mut uploads = self.0.uploads.lock().unwrap();
                let id = format!("upload-{}", uploads.len());
                uploads.insert(id.clone(), BTreeMap::new());
                let text = format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                );
                response(200, text.into())
            }
            Method::PUT if upload.is_some() => {
                let mut uploads = self.0.uploads.lock().unwrap();
                let number = query["partNumber"].parse().unwrap();
                uploads.get_mut(upload.unwrap()).unwrap().insert(number, body);
                with_tag(response(200, Bytes::new()))
            }
            Method::POST => {
                let Some(parts) = self.0.uploads.lock().unwrap().remove(upload.unwrap()) else {
                    return response(404, "<Error><Code>NoSuchUpload</Code></Error>".into());
                };
                let whole = parts.into_values().flatten().collect();
                self.0.objects.lock().unwrap().insert(key, whole);
                let text =
                    "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>";
                response(200, text.into())
            }
            Method::DELETE => {
                self.0.uploads.lock().unwrap().remove(upload.unwrap());
                response(204, Bytes::new())
            }
            Method::PUT => {
                self.0.objects.lock().unwrap().insert(key, body);
                with_tag(response(200, Bytes::new()))
            }
            _ => response(405, Bytes::new()),
        }
    }

    fn read(&self, method: &Method, key: &str, range: Option<&str>) -> HttpResponse {
        let Some(object) = self.object(key) else {
            return response(404, "<Error><Code>NoSuchKey</Code></Error>".into());
        };
        let size = object.len();
        if *method == Method::HEAD {
            let mut response = with_tag(response(200, Bytes::new()));
            response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
            return response;
        }
        let Some(range) = range else {
            return with_tag(response(200, object));
        };
        let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
        let end = (end + 1).min(size);
        let mut response = with_tag(response(206, object.slice(start..end)));
        let value = format!("bytes {start}-{}/{size}", end - 1);
        response
            .headers_mut()
            .insert(header::CONTENT_RANGE, value.parse().unwrap());
        response
    }

    /// Pages of two keys.
    fn list(&self, bucket: &str, query: &BTreeMap<String, String>) -> HttpResponse {
        let empty = String::new();
        let prefix = query.get("prefix").unwrap_or(&empty);
        let after = query.get("continuation-token").unwrap_or(&empty);
        let mut text = format!("<ListBucketResult><Name>{bucket}</Name>");
        let keys = self.keys();
        let mut found = keys
            .iter()
            .filter(|key| key.starts_with(prefix.as_str()))
            .peekable();
        if query.contains_key("delimiter") {
            let mut directories: Vec<&str> = found
                .filter_map(|key| Some(&key[..prefix.len() + key[prefix.len()..].find('/')? + 1]))
                .collect();
            directories.dedup();
            for directory in directories {
                let _ = write!(
                    text,
                    "<CommonPrefixes><Prefix>{directory}</Prefix></CommonPrefixes>"
                );
            }
        } else {
            let mut page = 0;
            let mut last = None;
            while let Some(key) = found.next_if(|key| key.as_str() <= after.as_str() || page < 2) {
                if key.as_str() <= after.as_str() {
                    continue;
                }
                page += 1;
                last = Some(key);
                let size = self.object(key).unwrap().len();
                let _ = write!(
                    text,
                    "<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2026-11-25T03:00:00Z</LastModified>\
                     <ETag>\"1\"</ETag></Contents>"
                );
            }
            if let (Some(last), Some(_)) = (last, found.next()) {
                let _ = write!(text, "<NextContinuationToken>{last}</NextContinuationToken>");
            }
        }
        text.push_str("</ListBucketResult>");
        response(200, text.into())
    }
}

fn response(status: u16, body: Bytes) -> HttpResponse {
    let size = body.len();
    let mut response = HttpResponse::new(body.into());
    response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn with_tag(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::ETAG, "\"1\"".parse().unwrap());
    let modified = "Wed, 25 Nov 2026 03:00:00 GMT".parse().unwrap();
    headers.insert(header::LAST_MODIFIED, modified);
    response
}

#[async_trait]
impl HttpService for FakeS3 {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        self.0
            .log
            .lock()
            .unwrap()
            .push(format!("{} {path}?{query}", parts.method));
        let range = parts
            .headers
            .get(header::RANGE)
            .map(|range| range.to_str().unwrap());
        let fault = (self.0.faults.lock().unwrap())(&parts.method, path);
        match fault {
            None => Ok(self.respond(&parts.method, path, query, range, body)),
            Some(Fault::Response(status, headers, text)) => {
                let mut response = response(status, text.into());
                for (name, value) in headers {
                    response.headers_mut().insert(*name, value.parse().unwrap());
                }
                Ok(response)
            }
            Some(Fault::LostResponse) => {
                self.respond(&parts.method, path, query, range, body);
                let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                Err(HttpError::new(HttpErrorKind::Interrupted, broken))
            }
            Some(Fault::Hang) => std::future::pending().await,
        }
    }
}
