//! Asks before something is done, as a page: for browsers without script.

use leptos::prelude::*;

use crate::{Ask, Props, ask_form::ask_form, frame};

/// The page at `/_m/console/confirm`.
#[component]
pub fn ConfirmPage(props: Props<Ask>) -> impl IntoView {
    let said = props.frame.notice.clone();
    view! {
        {frame::bar(props.frame)}
        <main class="c-main c-main--narrow" id="main" tabindex="-1">
            {said.map(frame::notice)}
            {props.trouble.map(|trouble| view! {
                <h1>"This can't be asked"</h1>
                {frame::notice(trouble)}
            })}
            {props.data.map(|ask| {
                let title = ask.title.clone();
                let back = ask.back.clone();
                view! {
                    <div class="c-panel">
                        <h1>{title}</h1>
                        {ask_form(ask, |_| {}, view! { <a class="c-button" href=back>"Cancel"</a> })}
                    </div>
                }
            })}
        </main>
    }
}
