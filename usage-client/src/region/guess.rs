//! Guesses which region an unknown name means. A guess always has a reason.

use super::Region;

/// A name with more edits than this is a different word.
const MOST_EDITS: usize = 2;

/// The parts of AWS's names. A name of these parts is no typing error, even if Genesys Cloud has no such region.
const AREAS: [&str; 10] = ["us", "eu", "ap", "ca", "sa", "me", "mx", "af", "il", "cn"];
const DIRECTIONS: [&str; 9] = [
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
    "central",
];

/// What people call the places of the regions. Countries are also listed with the ending of their domains
/// (`mypurecloud.uk`).
const PLACES: [(&[&str], &[Region]); 20] = [
    (&["ireland", "dublin", "ie"], &[Region::EuWest1]),
    (
        &["london", "united kingdom", "great britain", "england", "uk", "gb"],
        &[Region::EuWest2],
    ),
    (&["frankfurt"], &[Region::EuCentral1]),
    (
        &["germany", "deutschland", "de"],
        &[Region::EuCentral1, Region::EuscDeEast1],
    ),
    (
        &["zurich", "zürich", "switzerland", "schweiz", "ch"],
        &[Region::EuCentral2],
    ),
    (&["sydney", "australia", "au"], &[Region::ApSoutheast2]),
    (&["singapore", "sg"], &[Region::ApSoutheast1]),
    (&["tokyo"], &[Region::ApNortheast1]),
    (&["osaka"], &[Region::ApNortheast3]),
    (&["japan", "jp"], &[Region::ApNortheast1, Region::ApNortheast3]),
    (&["seoul", "korea", "south korea", "kr"], &[Region::ApNortheast2]),
    (&["mumbai", "india", "in"], &[Region::ApSouth1]),
    (&["montreal", "canada", "ca"], &[Region::CaCentral1]),
    (&["virginia", "n. virginia"], &[Region::UsEast1]),
    (&["oregon"], &[Region::UsWest2]),
    (&["ohio", "fedramp"], &[Region::UsEast2]),
    (
        &["usa", "united states", "america", "us"],
        &[Region::UsEast1, Region::UsWest2, Region::UsEast2],
    ),
    (
        &["sao paulo", "são paulo", "brazil", "brasil", "br"],
        &[Region::SaEast1],
    ),
    (
        &["dubai", "uae", "united arab emirates", "ae"],
        &[Region::MeCentral1],
    ),
    (&["mexico", "méxico", "mx"], &[Region::MxCentral1]),
];

/// The text after "… is not a region" for a name or host in lower case, with `-` instead of `_`.
pub(super) fn advice(name: &str) -> String {
    let meant = of_place(name)
        .or_else(|| beginning_with(name))
        .or_else(|| misspelt(name));
    match meant.as_deref() {
        Some([one]) => format!("; did you mean `{}` ({})?", one.aws_name(), one.domain()),
        Some(several) => format!("; it fits several: {}", list(several)),
        None => neighbours(name),
    }
}

fn of_place(name: &str) -> Option<Vec<Region>> {
    let place = name.strip_prefix("mypurecloud.").unwrap_or(name);
    let place = ["com.", "co."]
        .iter()
        .find_map(|prefix| place.strip_prefix(prefix))
        .unwrap_or(place);
    let place = place.replace('-', " ");
    let found = PLACES.iter().find(|(names, _)| names.contains(&place.as_str()));
    found.map(|(_, regions)| regions.to_vec())
}

fn beginning_with(name: &str) -> Option<Vec<Region>> {
    let begins = |region: &Region| {
        let names = [region.aws_name(), region.short_name(), region.domain()];
        names.iter().any(|whole| whole.starts_with(name))
    };
    some(begins).filter(|_| name.len() > 1)
}

/// The only region within a few edits.
fn misspelt(name: &str) -> Option<Vec<Region>> {
    let letters = |name: &str| name.replace(['-', ' '], "");
    if let Some(region) = some(|region| letters(region.aws_name()) == letters(name)) {
        return Some(region);
    }
    let label = first_label(name);
    if name.contains('.')
        && label != "mypurecloud"
        && let Some(region) = some(|region| region.short_name() == label)
    {
        return Some(region);
    }
    // The ending of another country, or a number that AWS uses elsewhere, is not a typing error.
    if is_name_of_aws(label) || label == "mypurecloud" || family(label).is_some() {
        return None;
    }
    let edits = |region: &Region| match name.contains('.') {
        // The other domains begin with a short name, in which each letter has a meaning. A wrong letter is not a
        // typing error.
        true if !region.domain().starts_with("mypurecloud") => usize::MAX,
        true => strsim::levenshtein(name, region.domain()),
        false => strsim::levenshtein(name, region.aws_name()),
    };
    let least = Region::ALL.iter().map(edits).min()?;
    some(|region| edits(region) == least).filter(|nearest| least <= MOST_EDITS && nearest.len() == 1)
}

/// Regions of the same family, or all. None of them is certain.
fn neighbours(name: &str) -> String {
    let label = first_label(name);
    let area = label.split('-').next().filter(|_| is_name_of_aws(label));
    let of_area = |area: &str| some(|region| region.aws_name().split('-').next() == Some(area));
    let regions = family(label).or_else(|| {
        let area = area?;
        Some((area, of_area(area)?))
    });
    match regions {
        Some((family, regions)) => {
            let (regions_of, are) = match regions.len() {
                1 => ("only region of", "is"),
                _ => ("regions of", "are"),
            };
            let regions = list(&regions);
            format!(" of Genesys Cloud; the {regions_of} {family} {are} {regions}")
        }
        None => {
            let names: Vec<_> = Region::ALL.iter().map(|region| region.aws_name()).collect();
            let names = names.join(", ");
            format!("; the regions are {names}, or their domains such as mypurecloud.ie")
        }
    }
}

/// The regions that differ only in their number (for `mypurecloud`, in their ending), and their common part.
fn family(label: &str) -> Option<(&str, Vec<Region>)> {
    let stem = without_number(label);
    let regions = some(|region| {
        let domain = first_label(region.domain());
        let names = [region.aws_name(), region.short_name(), domain];
        names.iter().any(|name| without_number(name) == stem)
    });
    Some((stem, regions?))
}

/// For example `eu-north-1` or `ca-west`. AWS may have such a region.
fn is_name_of_aws(name: &str) -> bool {
    without_number(name)
        .split_once('-')
        .is_some_and(|(area, direction)| AREAS.contains(&area) && DIRECTIONS.contains(&direction))
}

fn without_number(name: &str) -> &str {
    let digits = |letter: char| letter.is_ascii_digit();
    name.trim_end_matches(digits).trim_end_matches('-')
}

fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

fn some(fits: impl Fn(&Region) -> bool) -> Option<Vec<Region>> {
    let regions: Vec<_> = Region::ALL.iter().copied().filter(fits).collect();
    Some(regions).filter(|regions| !regions.is_empty())
}

fn list(regions: &[Region]) -> String {
    let shown = regions
        .iter()
        .map(|region| format!("{} ({})", region.aws_name(), region.domain()));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Region>().unwrap_err().to_string()
    }

    #[test]
    fn one_that_is_certain_is_suggested() {
        for (text, meant) in [
            ("eu-wst-1", "eu-west-1"),
            ("eu-west1", "eu-west-1"),
            ("eu west 1", "eu-west-1"),
            ("eu-west-1a", "eu-west-1"),
            ("us-west", "us-west-2"),
            ("Ireland", "eu-west-1"),
            ("London", "eu-west-2"),
            ("South Korea", "ap-northeast-2"),
            ("mypurecloud.uk", "eu-west-2"),
            ("mypurecloud.co.uk", "eu-west-2"),
            ("mypurecloud.au", "ap-southeast-2"),
            ("mypurecluod.ie", "eu-west-1"),
            ("usw2.purecloud", "us-west-2"),
        ] {
            let error = error(text);
            let expected = format!("`{text}` is not a region; did you mean `{meant}` (");
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn several_that_fit_are_all_named() {
        for (text, all) in [
            (
                "eu-west",
                "eu-west-1 (mypurecloud.ie), eu-west-2 (euw2.pure.cloud)",
            ),
            (
                "EU_CENTRAL",
                "eu-central-1 (mypurecloud.de), eu-central-2 (euc2.pure.cloud)",
            ),
            (
                "Germany",
                "eu-central-1 (mypurecloud.de), eusc-de-east-1 (edee1.eusc-pure.cloud)",
            ),
            ("euw", "eu-west-1 (mypurecloud.ie), eu-west-2 (euw2.pure.cloud)"),
        ] {
            let error = error(text);
            let expected = format!("`{text}` is not a region; it fits several: {all}");
            assert!(error.ends_with(&expected), "{error}");
        }
    }

    #[test]
    fn a_neighbour_is_not_taken_for_what_was_meant() {
        for (text, said) in [
            (
                "us-west-1",
                "the only region of us-west is us-west-2 (usw2.pure.cloud)",
            ),
            (
                "eu-west-3",
                "the regions of eu-west are eu-west-1 (mypurecloud.ie), eu-west-2 (euw2.pure.cloud)",
            ),
            ("eu-west-11", "the regions of eu-west are eu-west-1 "),
            (
                "euw3.pure.cloud",
                "the regions of euw are eu-west-1 (mypurecloud.ie), eu-west-2 ",
            ),
            (
                "eu-north-1",
                "the regions of eu are eu-west-1 (mypurecloud.ie), eu-central-1 ",
            ),
            ("ca-west-1", "the only region of ca is ca-central-1 "),
            ("me-south-1", "the only region of me is me-central-1 "),
            (
                "mypurecloud.it",
                "the regions of mypurecloud are us-east-1 (mypurecloud.com), eu-west-1 ",
            ),
            ("af-south-1", "the regions are us-east-1, eu-west-1, "),
            ("afs1.pure.cloud", "the regions are us-east-1, eu-west-1, "),
            ("Paris", "the regions are us-east-1, eu-west-1, "),
            ("", "the regions are us-east-1, eu-west-1, "),
            ("x", "the regions are us-east-1, eu-west-1, "),
        ] {
            let error = error(text);
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains("did you mean"), "{text}: {error}");
        }
    }
}
