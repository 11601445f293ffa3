//! Which files: chosen or dropped, each with its size, and what is too large is told at once.

use crate::pages::jobs::size;
use crate::protocol::limits::{UPLOAD_BYTES, UPLOAD_FILE_BYTES, UPLOAD_FILES};
use crate::ui::{Each, Glyph, Icon};
use leptos::html::Input;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DataTransferItem, DragEvent, File, FileList};

/// What can be read.
const ACCEPT: &str = ".md,.markdown,.txt,.text,.html,.htm,.pdf,.docx,.zip,.rst,.org,.csv,.json";

/// A file that was chosen.
#[derive(Clone)]
pub struct Chosen {
    /// Tells it from another of the same name.
    number: usize,
    /// The file.
    pub file: SendWrapper<File>,
}

/// The files that were chosen so far.
#[derive(Clone, Copy)]
pub struct Choice {
    /// In the order in which they were chosen.
    pub files: RwSignal<Vec<Chosen>>,
    /// Why others are not among them.
    refused: RwSignal<Vec<String>>,
    next: StoredValue<usize>,
}

impl Choice {
    /// None yet.
    pub fn new() -> Self {
        Self {
            files: RwSignal::new(Vec::new()),
            refused: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Adds files, but those that the server would not take.
    pub fn add(self, files: Vec<File>) {
        let mut refused = Vec::new();
        for file in files {
            let taken = self.files.with_untracked(|files| (files.len(), bytes_of(files)));
            match too_much(file.size(), taken) {
                Some(why) => refused.push(format!("{}: {why}", file.name())),
                None => {
                    let number = self.next.get_value();
                    self.next.set_value(number + 1);
                    let file = SendWrapper::new(file);
                    self.files.update(|files| files.push(Chosen { number, file }));
                }
            }
        }
        self.refused.set(refused);
    }

    /// Takes files from what was dropped.
    pub fn drop(self, ev: &DragEvent) {
        ev.prevent_default();
        let (files, folders) = dropped(ev);
        self.add(files);
        let why = |name| format!("{name} is a folder: drop its files, or a ZIP of it.");
        self.refused.update(|refused| refused.extend(folders.into_iter().map(why)));
    }

    fn remove(self, number: usize) {
        self.files.update(|files| files.retain(|chosen| chosen.number != number));
        self.refused.update(Vec::clear);
    }

    /// How many bytes they have.
    pub fn bytes(self) -> f64 {
        self.files.with(|files| bytes_of(files))
    }
}

fn bytes_of(files: &[Chosen]) -> f64 {
    files.iter().map(|chosen| chosen.file.size()).sum()
}

/// Why a file of so many bytes cannot go with so many files of so many bytes.
fn too_much(bytes: f64, (files, of_all): (usize, f64)) -> Option<String> {
    if bytes > UPLOAD_FILE_BYTES as f64 {
        Some(format!(
            "it has {}, and {} are allowed. Split it.",
            size(bytes),
            size(UPLOAD_FILE_BYTES as f64)
        ))
    } else if of_all + bytes > UPLOAD_BYTES as f64 {
        Some(format!(
            "all together would have more than {}. Send it in another upload.",
            size(UPLOAD_BYTES as f64)
        ))
    } else if files >= UPLOAD_FILES {
        Some(format!(
            "there are {UPLOAD_FILES} files already. Send it in another upload, or pack them as a ZIP."
        ))
    } else {
        None
    }
}

/// The files that were dropped, and the names of folders, whose files a browser does not hand out here.
pub fn dropped(ev: &DragEvent) -> (Vec<File>, Vec<String>) {
    let Some(data) = ev.data_transfer() else {
        return Default::default();
    };
    let files = of_list(data.files());
    let folders = folders(&data);
    let (folders, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| folders.contains(&file.name()));
    (files, folders.into_iter().map(|folder| folder.name()).collect())
}

fn folders(data: &DataTransfer) -> Vec<String> {
    let items = data.items();
    let entries = (0..items.length()).filter_map(|at| items.get(at)).filter_map(entry);
    entries
        .filter(web_sys::FileSystemEntry::is_directory)
        .map(|entry| entry.name())
        .collect()
}

/// Not every browser has it, and none where a script made the event.
fn entry(item: DataTransferItem) -> Option<web_sys::FileSystemEntry> {
    item.webkit_get_as_entry().ok().flatten()
}

fn of_list(files: Option<FileList>) -> Vec<File> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|at| files.get(at)).collect()
}

/// Where files are dropped, or chosen by a button; and those that were.
#[component]
pub fn FilesField(choice: Choice) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let over = RwSignal::new(false);
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |ev: web_sys::Event| {
        let input: Option<web_sys::HtmlInputElement> = ev.target().and_then(|target| target.dyn_into().ok());
        if let Some(input) = input {
            choice.add(of_list(input.files()));
            // The same file can be chosen again after it was removed.
            input.set_value("");
        }
    };
    view! {
        <div
            class="drop"
            class:drop-over=over
            on:dragover=move |ev| {
                ev.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |ev| {
                ev.stop_propagation();
                over.set(false);
                choice.drop(&ev);
            }
        >
            <Icon glyph=Glyph::Upload/>
            <p>"Drop files here, or"</p>
            <button type="button" class="button" autofocus aria-describedby="files-hint" on:click=choose>"Choose files"</button>
            <p id="files-hint" class="hint">"Markdown, text, HTML, PDF, DOCX, or ZIP of these, " {size(UPLOAD_FILE_BYTES as f64)} " each."</p>
            <input node_ref=input class="hidden" type="file" multiple accept=ACCEPT aria-label="Files" tabindex="-1" on:change=chosen/>
        </div>
        <div role="alert">
            <Each
                each=move || choice.refused.get()
                key=String::clone
                children=|why| view! { <p class="field-error">{why}</p> }.into_any()
            />
        </div>
        <ul class="files" aria-label="Files to upload">
            <Each each=move || choice.files.get() key=|chosen| chosen.number children=move |chosen| view! { <Line chosen choice/> }.into_any()/>
        </ul>
    }
}

#[component]
fn Line(chosen: Chosen, choice: Choice) -> impl IntoView {
    let name = chosen.file.name();
    view! {
        <li>
            <Icon glyph=Glyph::File/>
            <span class="files-name">{name.clone()}</span>
            <span class="muted">{size(chosen.file.size())}</span>
            <button
                type="button"
                class="button button-ghost button-icon"
                aria-label=format!("Remove {name}")
                title="Remove"
                on:click=move |_| choice.remove(chosen.number)
            >
                <Icon glyph=Glyph::Close/>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_would_not_take_is_not_sent() {
        const MIB: f64 = 1024.0 * 1024.0;
        assert_eq!(too_much(50.0 * MIB, (0, 0.0)), None);
        assert_eq!(
            too_much(61.5 * MIB, (0, 0.0)).as_deref(),
            Some("it has 61.5 MiB, and 50 MiB are allowed. Split it.")
        );
        assert!(too_much(MIB, (20, 500.0 * MIB)).is_some_and(|why| why.contains("500 MiB")));
        assert!(too_much(1.0, (UPLOAD_FILES, 1.0)).is_some_and(|why| why.contains("2000 files")));
    }
}
