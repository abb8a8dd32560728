//! The table of settings: the name of each in every place, and the type of its value.

use super::value::{Value, file, region, text, time};

macro_rules! settings {
    ($($key:ident $name:literal $gc_name:literal $variable:literal $read:ident)*) => {
        /// What can be set.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Key {
            $($key,)*
        }

        impl Key {
            /// All settings, in the order of the table.
            pub(crate) const ALL: &[Self] = &[$(Self::$key),*];

            /// Its name in gc-usage's own file.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }

            /// Its name in the official CLI's file.
            pub(super) fn gc_name(self) -> &'static str {
                match self { $(Self::$key => $gc_name,)* }
            }

            /// The environment variable that Genesys's tools share.
            pub(super) fn variable(self) -> &'static str {
                match self { $(Self::$key => $variable,)* }
            }

            pub(super) fn read(self, text: &str) -> Value {
                match self { $(Self::$key => $read(text),)* }
            }
        }
    };
}

settings! {
//  key              our file and options  official CLI's file   environment                        type
    Region           "region"              "environment"         "GENESYSCLOUD_REGION"              region
    ApiUrl           "api_url"             "gateway_host"        "GENESYSCLOUD_GATEWAY_HOST"        text
    LoginUrl         "login_url"           "gateway_host"        "GENESYSCLOUD_GATEWAY_HOST"        text
    // The official CLI's name says otherwise, but it is the id.
    ClientId         "client_id"           "client_credentials"  "GENESYSCLOUD_OAUTHCLIENT_ID"      text
    ClientSecret     "client_secret"       "client_secret"       "GENESYSCLOUD_OAUTHCLIENT_SECRET"  text
    ClientSecretFile "client_secret_file"  ""                    ""                                 file
    AccessToken      "access_token"        "access_token"        "GENESYSCLOUD_ACCESS_TOKEN"        text
    Proxy            "proxy"               "proxy_host"          "GENESYSCLOUD_PROXY_HOST"          text
    CaCert           "ca_cert"             ""                    ""                                 file
    Timeout          "timeout"             ""                    ""                                 time
    WaitTimeout      "wait_timeout"        ""                    ""                                 time
}

/// The settings that name the API's host.
pub(super) const HOSTS: [Key; 2] = [Key::Region, Key::ApiUrl];
/// The settings that prove the client's identity.
pub(super) const LOGIN: [Key; 4] = [
    Key::ClientId,
    Key::ClientSecret,
    Key::ClientSecretFile,
    Key::AccessToken,
];
/// The settings that hold a client secret.
pub(super) const SECRET: [Key; 2] = [Key::ClientSecret, Key::ClientSecretFile];
/// The options that describe one organization, so they make no sense for several.
pub(crate) const ONE_PROFILE: [Key; 5] = [
    Key::Region,
    Key::ApiUrl,
    Key::LoginUrl,
    Key::ClientId,
    Key::ClientSecretFile,
];
/// The settings that the official tools write as one value. They write gateways and proxies in parts.
pub(super) const WHOLE: [Key; 4] = [Key::Region, Key::ClientId, Key::ClientSecret, Key::AccessToken];

impl Key {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    pub(crate) fn is_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecret | Self::ClientSecretFile | Self::AccessToken
        )
    }

    /// Whether its value is a URL, which may hold a password or a key.
    pub(crate) fn is_url(self) -> bool {
        matches!(self, Self::ApiUrl | Self::LoginUrl | Self::Proxy)
    }
}
