//! Signing in with a token.

use fragments_kit::link;
use leptos::prelude::*;

use crate::{Frame, SignIn, frame};

/// The page at `/_m/console/sign-in`.
#[component]
pub fn SignInPage(props: SignIn) -> impl IntoView {
    view! {
        {frame::bar(Frame::default())}
        <main class="c-main c-main--narrow" id="main" tabindex="-1">
            <div class="c-panel c-door">
                <h1>"Sign in"</h1>
                {props.notice.map(frame::notice)}
                <form class="c-door__form" action=link("/sign-in") method="post">
                    <input type="hidden" name="to" value=props.to/>
                    <div class="c-field">
                        <label for="c-token">"Token"</label>
                        <input
                            id="c-token" name="token" type="password" required autofocus maxlength="200" spellcheck="false"
                            autocapitalize="none" autocomplete="current-password" aria-describedby="c-token-hint"
                        />
                        <p class="c-muted" id="c-token-hint">
                            "It begins with "<code>"mq_"</code>". The platform team issues one with "
                            <code>"marquetry token issue"</code>"; "<code>"read"</code>" lets you look, "
                            <code>"release"</code>" lets you act."
                        </p>
                    </div>
                    <button class="c-button is-primary" type="submit">"Sign in"</button>
                </form>
                <p class="c-muted">
                    "The console keeps the token on its server and acts in your name. You are signed out after eight hours without a click."
                </p>
            </div>
        </main>
    }
}
