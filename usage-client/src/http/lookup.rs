//! Looks up names, with a limit of its own. So errors can tell a name server that hangs from a host that does not
//! answer.

use std::{io, net::SocketAddr, time::Duration};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The operating system's lookup, with a time limit.
pub(crate) struct Lookup {
    pub(crate) limit: Duration,
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let limit = self.limit;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0));
            let found = limited(name.as_str(), limit, found).await?;
            Ok(Box::new(found.collect::<Vec<SocketAddr>>().into_iter()) as Addrs)
        })
    }
}

async fn limited<T>(
    name: &str,
    limit: Duration,
    lookup: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let outcome = tokio::time::timeout(limit, lookup).await;
    outcome.unwrap_or_else(|_| {
        let message = format!(
            "looking up the name {name} took longer than {} s",
            limit.as_secs_f64()
        );
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_name_server_that_hangs_is_an_error_with_the_name() {
        let hangs = std::future::pending::<io::Result<()>>();
        let begun = tokio::time::Instant::now();
        let error = limited("api.example", Duration::from_secs(4), hangs)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "looking up the name api.example took longer than 4 s"
        );
        assert_eq!(begun.elapsed().as_secs(), 4);
    }

    #[tokio::test]
    async fn a_name_is_looked_up_as_the_system_does() {
        let lookup = Lookup {
            limit: Duration::from_secs(60),
        };
        let found = lookup.resolve("localhost".parse().unwrap()).await.unwrap();
        let found: Vec<_> = found.collect();
        assert!(
            !found.is_empty() && found.iter().all(|address| address.ip().is_loopback()),
            "{found:?}"
        );
        let address = lookup.resolve("192.0.2.1".parse().unwrap()).await.unwrap();
        assert_eq!(
            address
                .map(|address| address.ip().to_string())
                .collect::<Vec<_>>(),
            ["192.0.2.1"]
        );
    }
}
