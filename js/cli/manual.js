// The parts of the help that explain more than options. Lines are at most 79 characters, which fits every terminal.

export const TOKENS = `
Access token (the first of these that is present):
  --token-file FILE   a file, which is read again for each new token, so that
                      another program can refresh it; - reads standard input
  GRAPH_TOKEN         a variable of the environment; it cannot be renewed
  @azure/identity     if it is installed beside this package: environment,
                      managed identity, Visual Studio Code and others
  az login            the Azure CLI, for service principals; a user's token of
                      the Azure CLI usually lacks the permissions
  --auth names one of the last two. A token is never an argument, because other
  users of a computer can read the arguments of its programs.
  TeamworkDevice.ReadWrite.All is needed to run, TeamworkDevice.Read.All to
  wait and to list. teams-device-diagnostics check says what a token has.
`;

const EXIT_CODES = `
Exit codes:
  0    all devices were successful
  1    some were not, or something else failed, such as a write to the output
  2    the command was used in a wrong way, or selects no device; nothing was
       started
  3    there is no access: no token, an expired one, or Graph refused it
  130  interrupted by Ctrl-C, SIGTERM or SIGHUP
`;

const DURATIONS = `
Durations have a unit: 500ms, 90s, 5m, 1h, 1h30m. A number alone is refused.
`;

const EXAMPLES = `
Examples:
  teams-device-diagnostics check
  teams-device-diagnostics devices --health critical,offline
  teams-device-diagnostics run --csv rooms.csv --state r.state --report r.csv
  teams-device-diagnostics run --all --type teamsRoom --json > runs.ndjson
  teams-device-diagnostics simulate
`;

const ENVIRONMENT = `
Environment:
  GRAPH_TOKEN         an access token for Graph
  NO_COLOR            no colours
  FORCE_COLOR         colours also where output is no terminal; 0 for none
  LC_ALL, LANG        a locale without UTF-8 gets ASCII marks only
`;

export const MANUAL = `${TOKENS}${EXIT_CODES}${ENVIRONMENT}${EXAMPLES}
teams-device-diagnostics help COMMAND explains a command.
The API that this command calls is in Graph's beta and deprecated by Microsoft.
`;

export const RUN_MANUAL = `
What is shown:
  On a terminal, one line for each running device, as many as fit, and a bar.
  Elsewhere, one line for each event and result. With --json, one JSON object a
  line: events as the package documents them, and results with "type":"result".

Interruption:
  Ctrl-C starts nothing more, ends the waits, and says how to go on. The runs
  continue on their devices. A second Ctrl-C ends at once.
  An output that is closed or full ends the command like Ctrl-C.
  With --state FILE, the devices are in the file before anything is started,
  and each start before it is sent. The same command then goes on after Ctrl-C
  or a crash, and starts nothing twice. Without ids, run --state FILE goes on
  with all devices of FILE. When all of them have ended, nothing is started:
  use another file for new runs. Without --state, the locations are printed.

CSV:
  The export of the Teams admin center works unchanged (column Device Id).
  Other files need a column Device Id, DeviceId or id, with commas, semicolons
  or tabs.
  A cell that is no id, such as a total, is refused with its line; so is a line
  without an id, unless all its cells are empty.
${DURATIONS}${TOKENS}${EXIT_CODES}
Examples:
  teams-device-diagnostics run 1c2f9d3e-… --on-conflict attach
  teams-device-diagnostics run --csv rooms.csv --state r.state --report r.csv
`;

export const WAIT_MANUAL = `
A location is the URL of an operation: run prints it with --json and --report.
All locations are followed within one rate of requests, as by run.
${DURATIONS}${TOKENS}${EXIT_CODES}
Examples:
  teams-device-diagnostics wait https://graph.microsoft.com/beta/teamwork/…
  jq -r 'select(.location).location' runs.ndjson |
    teams-device-diagnostics wait -
`;

export const SIMULATE_MANUAL = `
The page is at /, Graph at /beta: pass --base-url http://127.0.0.1:8787/beta to
the other commands, or options.baseUrl to the package. Any token works, but
expired gets 401, no-roles 403, and read-only may not start anything.
Each device shows one thing that can happen, and is named after it:
teams-device-diagnostics devices lists them with notes.

Control:
  GET  /simulator/requests             the requests that were received
  POST /simulator/reset                forget them and all operations
  GET  /simulator/tenant               the present tenant, and the others
  POST /simulator/tenant?tenant=many   change the tenant

Only this computer can reach the server, by the name localhost or a loopback
address. Ctrl-C ends it, with exit code 0.

Examples:
  teams-device-diagnostics simulate
  teams-device-diagnostics simulate --port 0 --pace-ms 20 --devices rooms.json
`;
