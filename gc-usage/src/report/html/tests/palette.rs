//! The colours of the style sheet have enough contrast, on light and on dark pages.

use std::collections::HashMap;

use super::super::{palette, policy::STYLE};

type Rgb = [f64; 3];

fn rgb(text: &str) -> Rgb {
    let part = |at: usize| f64::from(u8::from_str_radix(&text[at..at + 2], 16).unwrap()) / 255.0;
    [part(1), part(3), part(5)]
}

/// The relative luminance of WCAG 2.
fn luminance(colour: Rgb) -> f64 {
    let linear = colour.map(|part| match part {
        ..=0.04045 => part / 12.92,
        _ => ((part + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The pairs of the style sheet: light and dark, by name.
fn colours() -> HashMap<&'static str, [Rgb; 2]> {
    let lines = STYLE.lines().filter_map(|line| line.trim().strip_prefix("--"));
    let pairs = lines.filter_map(|line| {
        let (name, value) = line.split_once(": light-dark(")?;
        let (light, dark) = value.trim_end_matches(");").split_once(", ")?;
        Some((name, [rgb(light), rgb(dark)]))
    });
    pairs.collect()
}

#[test]
fn texts_and_series_have_enough_contrast() {
    let colours = colours();
    let check = |name: &str, ground: &str, least: f64| {
        for place in [0, 1] {
            let contrast = contrast(colours[name][place], colours[ground][place]);
            assert!(contrast >= least, "{name} on {ground}: {contrast:.2}");
        }
    };
    for text in ["text", "secondary", "link", "over", "warn", "good"] {
        for ground in ["panel", "page"] {
            check(text, ground, 4.5);
        }
    }
    for text in ["text", "secondary", "link"] {
        check(text, "hover", 4.5);
    }
    for level in ["over", "warn", "good"] {
        check(level, &format!("{level}-ground"), 4.5);
        check("text", &format!("{level}-ground"), 4.5);
    }
    for series in ["ok", "other", "limited", "server"] {
        check(series, "panel", 3.0);
    }
    assert_eq!(colours.len(), 18, "each colour is a pair");
}

#[test]
fn attributes_have_the_light_colours_of_the_style_sheet() {
    let colours = colours();
    for (name, (class, fill)) in [
        ("ok", palette::SUCCEEDED),
        ("other", palette::OTHER_400),
        ("limited", palette::LIMITED),
        ("server", palette::FAILED_500),
        ("over", palette::BAD),
    ] {
        assert_eq!(rgb(fill), colours[name][0], "{name}");
        assert!(name == "over" || class == name);
    }
    assert_eq!(rgb(palette::GRID), colours["grid"][0]);
    assert_eq!(rgb(palette::AXIS), colours["secondary"][0]);
}
