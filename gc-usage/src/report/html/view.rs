//! One organization on the page: the ids, headings and names of its sections.

use maud::{Markup, Render, html};

use super::names::name;
use crate::report::{about::About, model::Report};

pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    pub(super) about: &'a About,
    /// The place of the organization, if there are several.
    pub(super) place: Option<usize>,
}

impl View<'_> {
    /// An id that no other organization has.
    pub(super) fn id(&self, id: &str) -> String {
        match self.place {
            None => id.to_owned(),
            Some(place) => format!("o{}-{id}", place + 1),
        }
    }

    /// A name that no other section has, for screen readers.
    pub(super) fn unique(&self, name: &str) -> String {
        match (self.place, &self.report.profile) {
            (Some(_), Some(profile)) => format!("{name}, {profile}"),
            _ => name.to_owned(),
        }
    }

    /// The heading of a section. Several organizations have headings themselves.
    fn heading(&self, title: impl Render) -> Markup {
        html! {
            @match self.place {
                None => h2 { (title) },
                Some(_) => h3 { (title) },
            }
        }
    }

    /// A section: its id and title, one sentence about it, and its content.
    pub(super) fn section(&self, id: &str, title: &str, lead: impl Render, content: impl Render) -> Markup {
        html! {
            section.panel id=(self.id(id)) aria-label=(self.unique(title)) {
                (self.heading(title))
                p.lead { (lead) }
                (content)
            }
            "\n"
        }
    }

    /// The label of the organization.
    pub(super) fn organization(&self) -> Markup {
        name(&crate::text::escape_control(
            self.report.profile.as_deref().unwrap_or_default(),
        ))
    }
}
