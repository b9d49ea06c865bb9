//! What a composer is told by signals.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals to stop, SIGTERM and SIGINT. From its making on they no longer end the process by themselves.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To stop: SIGTERM, SIGINT.
    Stop,
    /// To read the configuration anew: SIGHUP.
    Reload,
    /// To start a successor and give it the listeners: SIGUSR2.
    HandOver,
}

/// All signals that a serving composer knows. From its making on they no longer end the process by themselves.
#[derive(Debug)]
pub struct Wishes {
    stop: StopSignal,
    reload: Signal,
    hand_over: Signal,
}

impl StopSignal {
    /// Begins to listen.
    ///
    /// # Errors
    /// When signals can't be listened to.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Wishes {
    /// Begins to listen.
    ///
    /// # Errors
    /// When signals can't be listened to.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            stop: StopSignal::new()?,
            reload: signal(SignalKind::hangup())?,
            hand_over: signal(SignalKind::user_defined2())?,
        })
    }

    /// Waits for the next one; a stop goes first.
    pub async fn next(&mut self) -> Wish {
        tokio::select! {
            biased;
            () = self.stop.received() => Wish::Stop,
            _ = self.reload.recv() => Wish::Reload,
            _ = self.hand_over.recv() => Wish::HandOver,
        }
    }

    /// Waits for a stop alone.
    pub async fn stop(&mut self) {
        self.stop.received().await;
    }
}
