// Drive, frames and streams: Turbo has no smaller entry.
import "@hotwired/turbo";
