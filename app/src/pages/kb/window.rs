//! Which part of a long list is on the screen: only that is rendered. Rows have one height, which CSS knows as `--row`.

use leptos::ev;
use leptos::html::Ul;
use leptos::prelude::*;
use std::ops::Range;
use web_sys::Element;

/// Rows that are rendered before there is a screen, and beyond the edges of the screen.
const FIRST: usize = 40;
const MARGIN: usize = 12;
/// The part moves in steps, so that a small scroll renders nothing.
const STEP: usize = 8;
/// The height of a row of a list without rows, in pixels.
const ROW: f64 = 48.0;

/// The rendered part of a list.
#[derive(Clone, Copy)]
pub struct Window {
    /// The list's element.
    pub node: NodeRef<Ul>,
    /// The places that are rendered.
    pub places: RwSignal<Range<usize>>,
    /// How many rows the list has, rendered or not.
    total: Memo<usize>,
}

impl Window {
    /// Follows the scrolling of the page over a list of `total` rows.
    pub fn new(total: Memo<usize>) -> Self {
        let window = Self {
            node: NodeRef::new(),
            places: RwSignal::new(0..FIRST),
            total,
        };
        Effect::new(move || {
            let follow = move || {
                let places = window.visible(total.get_untracked());
                if window.places.with_untracked(|now| *now != places) {
                    window.places.set(places);
                }
            };
            total.track();
            window.node.track();
            let frame = request_animation_frame_with_handle(follow).ok();
            let scroll = window_event_listener(ev::scroll, move |_| follow());
            let resize = window_event_listener(ev::resize, move |_| follow());
            on_cleanup(move || {
                // The page may be left before the frame comes.
                if let Some(frame) = frame {
                    frame.cancel();
                }
                scroll.remove();
                resize.remove();
            });
        });
        window
    }

    /// How far the list's beginning is above the upper edge of the screen, in pixels; negative when below.
    pub fn above(self) -> f64 {
        let element = self.node.try_get_untracked().flatten();
        element.map_or(0.0, |list| -list.get_bounding_client_rect().top())
    }

    /// The height of a row, in pixels. Where a reader has jumped to and no row is loaded yet, it is that of the list by the
    /// number of its rows: a guess would render rows that are not on the screen.
    pub fn row_height(self) -> f64 {
        let height = |element: &Element| element.get_bounding_client_rect().height();
        let list = self.node.try_get_untracked().flatten();
        let measured = list.map(|list| match list.first_element_child() {
            Some(row) => height(&row),
            None => height(&list) / self.total.try_get_untracked().unwrap_or_default().max(1) as f64,
        });
        measured.filter(|height| *height > 8.0).unwrap_or(ROW)
    }

    /// The place of the first row on the screen.
    pub fn first_visible(self) -> usize {
        (self.above().max(0.0) / self.row_height()).floor() as usize
    }

    fn visible(self, total: usize) -> Range<usize> {
        let screen = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
        let rows = (screen / self.row_height()).ceil() as usize;
        part(self.first_visible(), rows, total)
    }
}

/// The places to render where `rows` fit on the screen and `first` is the first of them.
fn part(first: usize, rows: usize, total: usize) -> Range<usize> {
    let start = first.min(total.saturating_sub(rows)).saturating_sub(MARGIN) / STEP * STEP;
    let end = (first + rows + MARGIN).div_ceil(STEP) * STEP;
    start..end.clamp(FIRST.min(total.max(1)), total.max(FIRST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_screen_is_always_rendered() {
        for total in [0, 1, 39, 40, 200, 10_000] {
            for first in [0, 3, 100, 5_000, 9_990] {
                let part = part(first, 16, total);
                for place in first..(first + 16) {
                    assert!(place >= total || part.contains(&place), "{place} of {total} is not in {part:?}");
                }
                assert!(part.len() <= 16 + 2 * MARGIN + 2 * STEP || part.len() <= FIRST, "{part:?}");
            }
        }
    }
}
