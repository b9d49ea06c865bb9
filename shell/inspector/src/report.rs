//! The diagnosis: plain words to read and copy, and JSON to keep.

use leptos::prelude::*;

use crate::{desk::Desk, diagnosis, js};

pub(crate) fn report(desk: Desk) -> impl IntoView {
    let words = Memo::new(move |_| {
        let answer = desk.answer();
        desk.page
            .with(|page| diagnosis::words(page, &answer, &|ms| js::time(ms)))
    });
    let json = move || {
        let answer = desk.answer();
        js::pretty(
            &desk
                .page
                .with(|page| diagnosis::json(page, &answer, &|ms| js::time(ms))),
        )
    };
    view! {
        <p class="quiet">
            "For whoever has to mend it. It holds no cookies, no values of events and none of the address beyond its path."
        </p>
        <pre class="diagnosis" role="group" tabindex="0" aria-label="Diagnosis">{move || words.get()}</pre>
        <div class="acts">
            <button on:click=move |_| desk.copy(words.get_untracked())>"Copy the words"</button>
            <button on:click=move |_| desk.copy(untrack(json))>"Copy JSON"</button>
            <button on:click=move |_| js::save("marquetry-diagnosis.json", &untrack(json))>"Download JSON"</button>
        </div>
    }
}
