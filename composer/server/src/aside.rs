//! A runtime of one thread beside that of the pages: what it runs never waits behind them.

use std::{io, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinError,
};

/// Threads for what blocks, such as reading from the ledger; more wait for one of them.
const BLOCKING_THREADS: usize = 32;

/// A thread that runs tasks; dropping this ends it.
#[derive(Debug)]
pub(crate) struct Aside {
    handle: Handle,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl Aside {
    /// Starts the thread.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, wanted) = oneshot::channel::<()>();
        let (told, stopped) = oneshot::channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Nothing is ever sent: the sender is dropped.
            let _ = runtime.block_on(wanted);
            // Waits for what blocks, so that whoever waits for this knows that it has been written down.
            drop(runtime);
            let _ = told.send(());
        })?;
        Ok(Self { handle, stop, stopped })
    }

    /// Where tasks, sockets and timers of this thread are made.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs `task` to its end, and then ends the thread with all that runs there.
    ///
    /// # Errors
    /// When the task panicked.
    pub(crate) async fn run(self, task: impl Future<Output = ()> + Send + 'static) -> Result<(), JoinError> {
        let done = self.handle.spawn(task).await;
        drop(self.stop);
        let _ = self.stopped.await;
        done
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn it_goes_on_while_this_runtime_does_not() {
        let aside = Aside::start("aside").unwrap();
        let (told, seen) = mpsc::channel();
        let task = tokio::spawn(aside.run(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            told.send(thread::current().name().map(str::to_owned)).unwrap();
        }));
        tokio::task::yield_now().await;
        // The only thread of this runtime waits here.
        assert_eq!(seen.recv_timeout(LONG).unwrap().as_deref(), Some("aside"));
        task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn dropped_it_ends_what_runs_there() {
        let aside = Aside::start("aside").unwrap();
        let (alive, ended) = mpsc::channel::<()>();
        aside.handle().spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        drop(aside);
        assert_eq!(ended.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
