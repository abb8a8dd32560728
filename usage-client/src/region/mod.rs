//! The regions of Genesys Cloud, and the names that people use for them.

mod guess;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;

macro_rules! regions {
    ($($variant:ident $aws:literal $short:literal $domain:literal;)*) => {
        /// A region of Genesys Cloud. An organization belongs to one.
        ///
        /// Parses from an AWS name with `-` or `_` in any case (`eu-west-1`, `EU_WEST_1`), its short form in
        /// Genesys's domains (`euw1`), a domain (`mypurecloud.ie`), or a URL or host of the region that begins with
        /// `api.`, `login.` or `apps.`. With serde it is written as its AWS name, and read from any form that it
        /// parses from.
        ///
        /// ```
        /// use usage_client::Region;
        ///
        /// let region: Region = "https://apps.mypurecloud.ie/directory".parse()?;
        /// assert_eq!(region, Region::EuWest1);
        /// assert_eq!(region.to_string(), "eu-west-1");
        /// # Ok::<(), usage_client::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Region {
            $(#[doc = concat!("`", $aws, "`, `", $domain, "`.")] $variant,)*
        }

        impl Region {
            /// All regions that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The region's name at AWS.
            pub fn aws_name(self) -> &'static str {
                match self { $(Self::$variant => $aws,)* }
            }

            /// The short AWS name, which begins Genesys's newer domains.
            fn short_name(self) -> &'static str {
                match self { $(Self::$variant => $short,)* }
            }

            /// The domain of the region's hosts.
            pub fn domain(self) -> &'static str {
                match self { $(Self::$variant => $domain,)* }
            }
        }
    };
}

regions! {
    UsEast1 "us-east-1" "use1" "mypurecloud.com";
    EuWest1 "eu-west-1" "euw1" "mypurecloud.ie";
    ApSoutheast2 "ap-southeast-2" "apse2" "mypurecloud.com.au";
    ApNortheast1 "ap-northeast-1" "apne1" "mypurecloud.jp";
    EuCentral1 "eu-central-1" "euc1" "mypurecloud.de";
    UsWest2 "us-west-2" "usw2" "usw2.pure.cloud";
    CaCentral1 "ca-central-1" "cac1" "cac1.pure.cloud";
    ApNortheast2 "ap-northeast-2" "apne2" "apne2.pure.cloud";
    EuWest2 "eu-west-2" "euw2" "euw2.pure.cloud";
    ApSouth1 "ap-south-1" "aps1" "aps1.pure.cloud";
    UsEast2 "us-east-2" "use2" "use2.us-gov-pure.cloud";
    SaEast1 "sa-east-1" "sae1" "sae1.pure.cloud";
    MeCentral1 "me-central-1" "mec1" "mec1.pure.cloud";
    ApNortheast3 "ap-northeast-3" "apne3" "apne3.pure.cloud";
    EuCentral2 "eu-central-2" "euc2" "euc2.pure.cloud";
    MxCentral1 "mx-central-1" "mxc1" "mxc1.pure.cloud";
    ApSoutheast1 "ap-southeast-1" "apse1" "apse1.pure.cloud";
    EuscDeEast1 "eusc-de-east-1" "edee1" "edee1.eusc-pure.cloud";
}

impl Region {
    /// Base URL of the region's API.
    pub fn api_url(self) -> String {
        format!("https://api.{}", self.domain())
    }

    /// Base URL of the region's login.
    pub fn login_url(self) -> String {
        format!("https://login.{}", self.domain())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.aws_name())
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.trim().to_lowercase().replace('_', "-");
        let is_url = name.contains("://");
        let host = name.split_once("://").map_or(name.as_str(), |(_, rest)| rest);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        let prefix = ["api.", "login.", "apps."]
            .into_iter()
            .find_map(|prefix| host.strip_prefix(prefix));
        let domain = prefix.unwrap_or(host);
        let is_name = !is_url && prefix.is_none();
        let known = Self::ALL.iter().find(|region| {
            domain == region.domain() || (is_name && [region.aws_name(), region.short_name()].contains(&host))
        });
        known.copied().ok_or_else(|| {
            // Only the host of a URL is shown, because the rest may contain a password.
            let shown = if is_url {
                domain.rsplit('@').next().unwrap_or_default()
            } else {
                text
            };
            let shown = shown.escape_default();
            Error::configuration(format!("`{shown}` is not a region{}", guess::advice(domain)))
        })
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_every_region_is_understood() {
        for &region in Region::ALL {
            let (aws, domain) = (region.aws_name(), region.domain());
            for text in [
                aws.to_owned(),
                aws.replace('-', "_").to_uppercase(),
                domain.to_owned(),
                format!("api.{domain}"),
                format!("https://login.{domain}/oauth/token"),
                format!("https://apps.{domain}:443/"),
                format!(" {domain} "),
            ] {
                assert_eq!(text.parse::<Region>().unwrap(), region, "{text}");
            }
        }
        assert_eq!(Region::ALL.len(), 18);
    }

    /// The short names of regions with other domains follow the same rule.
    #[test]
    fn the_short_names_of_genesys_s_domains_are_understood() {
        for &region in Region::ALL {
            let (short, domain) = (region.short_name(), region.domain());
            assert_eq!(short.to_uppercase().parse::<Region>().unwrap(), region);
            let is_newer = domain.ends_with("pure.cloud");
            assert!(!is_newer || domain.starts_with(&format!("{short}.")), "{domain}");
        }
        assert_eq!("use2".parse::<Region>().unwrap(), Region::UsEast2);
        assert!("https://euw2/".parse::<Region>().is_err());
    }

    #[test]
    fn serde_writes_the_aws_name_and_reads_any_spelling() {
        assert_eq!(serde_json::to_string(&Region::EuWest1).unwrap(), "\"eu-west-1\"");
        for text in ["eu-west-1", "mypurecloud.ie", "EU_WEST_1", "euw1"] {
            let read: Region = serde_json::from_value(text.into()).unwrap();
            assert_eq!(read, Region::EuWest1);
        }
        let error = serde_json::from_str::<Region>("\"eu-west\"").unwrap_err();
        assert!(error.to_string().contains("`eu-west` is not a region"), "{error}");
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        for url in [
            "https://me:hidden@login.example.org/",
            "https://hidden@login.example.org/",
        ] {
            let error = url.parse::<Region>().unwrap_err();
            assert!(
                error.is_configuration() && !error.to_string().contains("hidden"),
                "{error}"
            );
        }
        assert!("api.eu-west-1".parse::<Region>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_case_and_separator_of_a_name_is_understood(index in 0..Region::ALL.len(), upper in proptest::bits::u32::ANY) {
            let region = Region::ALL[index];
            let spelt: String = region
                .aws_name()
                .chars()
                .enumerate()
                .map(|(at, letter)| match letter {
                    '-' if upper & (1 << at) != 0 => '_',
                    letter if upper & (1 << at) != 0 => letter.to_ascii_uppercase(),
                    letter => letter,
                })
                .collect();
            proptest::prop_assert_eq!(spelt.parse::<Region>().unwrap(), region);
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            if let Ok(region) = text.parse::<Region>() {
                proptest::prop_assert!(Region::ALL.contains(&region));
            }
        }
    }
}
