//! The simulated Graph as a program: its flags, the HTTP server, and how it ends. Its responses come from the library.
#![warn(missing_docs)]

mod control;
mod guard;
mod server;
mod shared;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use teams_device_diagnostics_simulator::{
    Dates, Device, Envelope, Graph, LocationForm, NextLinkForm, Settings, catalogue, milliseconds,
};
use tokio::io::AsyncReadExt;

/// A simulated Microsoft Graph with Teams devices, on the loopback address. Each device shows one thing that can happen, and
/// is named after it: GET /beta/teamwork/devices lists them with notes. Any token works; `expired`, `no-roles` and `read-only`
/// have the effect of their name.
#[derive(Parser)]
struct Flags {
    /// The port; 0 picks a free port
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How long an operation stays in each of the states Queued, Scheduled and InProgress, in milliseconds
    #[arg(long, default_value_t = 1_000.0)]
    pace_ms: f64,
    /// How the Location of a 202 is written
    #[arg(long, value_enum, default_value_t = Location::Relative)]
    location: Location,
    /// Sends a single operation without the { "value": … } around it
    #[arg(long)]
    bare: bool,
    /// How times are written; Microsoft's example uses hyphens
    #[arg(long, value_enum, default_value_t = DateForm::Iso)]
    dates: DateForm,
    /// How links to the next page of a list are written
    #[arg(long, value_enum, default_value_t = NextLink::Relative)]
    next_link: NextLink,
    /// Allows caches to keep GET responses for a minute
    #[arg(long)]
    cacheable: bool,
    /// Hides Retry-After from pages (CORS)
    #[arg(long)]
    hide_retry_after: bool,
    /// Hides Location from pages (CORS)
    #[arg(long)]
    hide_location: bool,
    /// Responds 429 above this many requests per second
    #[arg(long)]
    requests_per_second: Option<usize>,
    /// A JSON file with devices to add; a device with a known id replaces that device
    #[arg(long, value_name = "FILE")]
    devices: Option<PathBuf>,
    /// A folder that is served at /
    #[arg(long, value_name = "DIR")]
    www: Option<PathBuf>,
    /// Exits when standard input closes, and therefore when the program that started this one ends
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Location {
    Relative,
    Versioned,
    Absolute,
    Quoted,
}

#[derive(Clone, Copy, ValueEnum)]
enum NextLink {
    Relative,
    Absolute,
}

#[derive(Clone, Copy, ValueEnum)]
enum DateForm {
    Iso,
    Hyphens,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = Flags::parse();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", flags.port)).await?;
    let root = format!("http://{}", listener.local_addr()?);
    let mut graph = Graph::new(&root, flags.settings());
    let mut devices = catalogue();
    if let Some(file) = &flags.devices {
        devices.extend(read_devices(file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    devices.into_iter().for_each(|device| graph.add_device(device));
    println!("Simulated Microsoft Graph on {root}");
    std::io::stdout().flush()?;
    let server = axum::serve(listener, server::router(graph, flags.www.as_deref()));
    tokio::select! {
        ended = server => ended?,
        ended = interrupt_or_termination() => ended?,
        () = end_of_stdin(), if flags.exit_with_stdin => {}
    }
    // A pending read of standard input must not keep the program running.
    std::process::exit(0);
}

impl Flags {
    fn settings(&self) -> Settings {
        Settings {
            pace: milliseconds(self.pace_ms),
            location: match self.location {
                Location::Relative => LocationForm::Relative,
                Location::Versioned => LocationForm::Versioned,
                Location::Absolute => LocationForm::Absolute,
                Location::Quoted => LocationForm::QuotedKeys,
            },
            envelope: if self.bare { Envelope::Bare } else { Envelope::Wrapped },
            dates: match self.dates {
                DateForm::Iso => Dates::Iso,
                DateForm::Hyphens => Dates::Hyphens,
            },
            expose_retry_after: !self.hide_retry_after,
            expose_location: !self.hide_location,
            next_link: match self.next_link {
                NextLink::Relative => NextLinkForm::Relative,
                NextLink::Absolute => NextLinkForm::Absolute,
            },
            cacheable: self.cacheable,
            requests_per_second: self.requests_per_second,
            ..Settings::default()
        }
    }
}

fn read_devices(file: &Path) -> Result<Vec<Device>, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
}

/// Waits for SIGINT, or SIGTERM where there is one.
async fn interrupt_or_termination() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut termination = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt,
            _ = termination.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

async fn end_of_stdin() {
    let mut bytes = [0; 64];
    while tokio::io::stdin().read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}
