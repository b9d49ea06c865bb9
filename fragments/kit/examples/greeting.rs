//! A whole app module, small: one fragment that counts, hears and holds a slot.
//!
//! `cargo build --profile wasm --target wasm32-unknown-unknown -p fragments-kit --features hydrate --example greeting`

use fragments_kit::{Event, Slot, link, subscribe};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct Greeting {
    pub name: String,
    pub count: u32,
}

#[derive(Serialize, Deserialize)]
struct CountChanged {
    count: u32,
}

impl Event for CountChanged {
    const TOPIC: &'static str = "greetings:count-changed";
}

#[component]
pub fn Greet(props: Greeting) -> impl IntoView {
    let count = RwSignal::new(props.count);
    subscribe(move |changed: CountChanged| count.set(changed.count));
    let more = move |_| {
        fragments_kit::publish(&CountChanged {
            count: count.get_untracked() + 1,
        })
    };
    let src = Signal::derive(move || format!("weather/today?count={}", count.get()));
    view! {
        <a href=link("/greetings")>{props.name}</a>
        <Slot src fallback="<i>no weather</i>"/>
        <button on:click=more>{count}</button>
    }
}

#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "greeting" => |props: Greeting| view! { <Greet props/> },
    "fortune" => |props: String| view! { <q>{props}</q> },
}
