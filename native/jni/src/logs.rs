//! Events of native code on their way to Spark's log: collected here, fetched by Java after calls,
//! since no native thread may call into the JVM.

use std::collections::VecDeque;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, Once, PoisonError};

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Events kept when nobody fetches them; the oldest go first.
const CAPACITY: usize = 1_000;

static EVENTS: Mutex<VecDeque<LogEvent>> = Mutex::new(VecDeque::new());
static INSTALL: Once = Once::new();

#[derive(Serialize)]
struct LogEvent {
    level: &'static str,
    target: &'static str,
    message: String,
}

/// Starts collecting; calls after the first do nothing.
pub fn install() {
    INSTALL.call_once(|| {
        // Another subscriber in the process would be no reason to fail.
        let _ = tracing::subscriber::set_global_default(Collector);
    });
}

/// All events since the last call, as a JSON array.
pub fn drain() -> Vec<u8> {
    let events: Vec<LogEvent> = lock().drain(..).collect();
    serde_json::to_vec(&events).unwrap_or_else(|_| b"[]".to_vec())
}

fn lock() -> std::sync::MutexGuard<'static, VecDeque<LogEvent>> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Collector;

impl Subscriber for Collector {
    /// Our own events from INFO up and the storage's from WARN up, no spans. The kernel's are left
    /// out: it logs the errors it returns, which reach the user as exceptions where they matter.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let most_verbose = match metadata.target() {
            target if target.starts_with("sluice") => Level::INFO,
            target if target.starts_with("object_store") => Level::WARN,
            _ => return false,
        };
        metadata.is_event() && *metadata.level() <= most_verbose
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let mut events = lock();
        if events.len() == CAPACITY {
            events.pop_front();
        }
        events.push_back(LogEvent {
            level: event.metadata().level().as_str(),
            target: event.metadata().target(),
            message: message.text + &message.fields,
        });
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[derive(Default)]
struct Message {
    text: String,
    fields: String,
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.text, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
