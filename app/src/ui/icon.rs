//! The icons, drawn in place: no request, no font, the colour of the text.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Announce,
    ArrowDown,
    ArrowLeft,
    ArrowUp,
    At,
    Bell,
    Book,
    Check,
    ChevronRight,
    Close,
    Copy,
    Diff,
    Download,
    Edit,
    Eye,
    File,
    Globe,
    Help,
    Home,
    Key,
    Leave,
    Jobs,
    Link,
    Lock,
    Log,
    Merge,
    Monitor,
    Moon,
    Offline,
    People,
    Plus,
    Refresh,
    Restore,
    Search,
    Sun,
    Tag,
    Trash,
    Upload,
    Warning,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Glyph::Announce => "M4 9.5v5h3.5L18 19V5L7.5 9.5zM8 15l1.5 5.5H12L10.5 16M21 10v4",
            Glyph::ArrowDown => "M12 5v14m-7-7 7 7 7-7",
            Glyph::ArrowLeft => "M19 12H5m6-7-7 7 7 7",
            Glyph::ArrowUp => "M12 19V5m-7 7 7-7 7 7",
            Glyph::At => "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8m4 0v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1",
            Glyph::Bell => "M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7m4 11a2.2 2.2 0 0 0 4 0",
            Glyph::Book => "M5 4.5A2.5 2.5 0 0 1 7.5 2H20v20H7.5A2.5 2.5 0 0 1 5 19.5zm0 15A2.5 2.5 0 0 1 7.5 17H20M9 7h7",
            Glyph::Check => "m4 12.5 5 5L20 6.5",
            Glyph::ChevronRight => "m9 5 7 7-7 7",
            Glyph::Close => "M6 6l12 12M18 6 6 18",
            Glyph::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Glyph::Diff => "M12 4v8m-4-4h8M8 19h8",
            Glyph::Download => "M12 3v12m-5-5 5 5 5-5M4 20h16",
            Glyph::Edit => "m4 20 1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19zM14.5 6.5l3 3",
            Glyph::Eye => "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
            Glyph::File => "M6 2.5h8l5 5v14H6zM14 2.5v5h5M9 13h7M9 17h5",
            Glyph::Globe => "M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19M2.5 12h19M12 2.5c5 5.5 5 13.5 0 19-5-5.5-5-13.5 0-19",
            Glyph::Help => "M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19M9.5 9.3a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2.9-1.2 1.8m0 3.2v.1",
            Glyph::Home => "m3 11 9-8 9 8v10h-6v-6H9v6H3z",
            Glyph::Key => "M8 10.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9m3.2 1.3L20 3m-4.5 4.5 3.5 3.5",
            Glyph::Leave => "M14 4H5v16h9m-4-8h11m-4-4 4 4-4 4",
            Glyph::Jobs => "M4 13v7h16v-7M12 3v11m-4.5-4.5 4.5 4.5 4.5-4.5",
            Glyph::Link => {
                "M10 14a4.5 4.5 0 0 0 6.4 0l3.2-3.2a4.5 4.5 0 0 0-6.4-6.4L12 5.6M14 10a4.5 4.5 0 0 0-6.4 0l-3.2 3.2a4.5 4.5 0 0 0 6.4 6.4l1.2-1.2"
            }
            Glyph::Lock => "M5 11h14v10H5zM8 11V7.5a4 4 0 0 1 8 0V11",
            Glyph::Log => "M4 4h16v16H4zM7.5 9l3 3-3 3M13 15.5h4",
            Glyph::Merge => "M6 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6m0 0v13m12-4a3 3 0 1 0 0-6 3 3 0 0 0 0 6m-3-3A9 9 0 0 1 6 8.5",
            Glyph::Monitor => "M3 4h18v12H3zM8 20.5h8M12 16v4.5",
            Glyph::Moon => "M20.5 14A8.5 8.5 0 1 1 10 3.5 7 7 0 0 0 20.5 14z",
            Glyph::Offline => {
                "M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4m5.5.2a10 10 0 0 1 4.5 2.2M2 9a15 15 0 0 1 4.5-2.8M11 5a15 15 0 0 1 11 4M8.5 16a5 5 0 0 1 7 0M12 20v.1"
            }
            Glyph::People => {
                "M9 4a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7M2.5 20c0-4 2.5-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5m2 3.5c2.3.8 3.5 2.7 3.5 5.5"
            }
            Glyph::Plus => "M12 5v14M5 12h14",
            Glyph::Refresh => "M20.5 12a8.5 8.5 0 1 1-2.5-6l2.5 2.5M20.5 3v5.5H15",
            Glyph::Restore => "M3.5 12A8.5 8.5 0 1 0 6 6L3.5 8.5M3.5 3v5.5H9M12 7.5V12l3 2",
            Glyph::Search => "M10.5 3.5a7 7 0 1 1 0 14 7 7 0 0 1 0-14m5 12 5.5 5.5",
            Glyph::Sun => {
                "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8m0-6v2m0 16v2M2 12h2m16 0h2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"
            }
            Glyph::Tag => "M3 3h8.5L21 12.5 12.5 21 3 11.5zM7.5 7.5v.1",
            Glyph::Trash => "M4 6.5h16M9.5 6V3.5h5V6M6 6.5 7 21h10l1-14.5M10 10.5v6.5m4-6.5v6.5",
            Glyph::Upload => "M12 16V4m-5 5 5-5 5 5M4 20h16",
            Glyph::Warning => "M12 3 22 20.5H2zM12 10v4.5m0 3v.1",
        }
    }
}

/// An icon beside a text that says the same; screen readers pass it over.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=glyph.path() />
        </svg>
    }
}
