// The commands and their options, with the help that is the manual of the command.
import { Command, InvalidArgumentError, Option } from "commander";
import { baseUrl, duration, file, list, rate, reportFile, wholeNumber } from "./option-values.js";
import { MANUAL, RUN_MANUAL, SIMULATE_MANUAL, TOKENS, WAIT_MANUAL } from "./manual.js";
import { CLOUD_NAMES } from "./service.js";
import { usageError } from "./failure.js";

/** @typedef {"run" | "wait" | "devices" | "operations" | "check" | "simulate"} CommandName */
/** @typedef {(name: CommandName, given: unknown, options: any) => Promise<void>} Perform */

const NAME = "teams-device-diagnostics";
const TENANTS = ["catalogue", "many", "empty", "forbidden", "failing", "slow", "markup"];
const LOCATIONS = ["relative", "versioned", "absolute", "quoted"];
const NEXT_LINKS = ["relative", "absolute"];

/** @param {string} version @param {Perform} perform */
export function createProgram(version, perform) {
  const program = new Command(NAME)
    .description("Starts diagnostics on Microsoft Teams devices through Microsoft Graph, and waits until the logs are ready.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText("after", MANUAL);
  const commands = [runCommand, waitCommand, devicesCommand, operationsCommand, checkCommand, simulateCommand];
  for (const command of [...commands.map((create) => create(perform)), helpCommand(program)]) {
    refuseRepetitions(command);
    program.addCommand(command.helpOption("-h, --help", "print this help"));
  }
  return program;
}

/** Unlike commander's own, it refuses unknown names. @param {Command} program */
function helpCommand(program) {
  return new Command("help")
    .argument("[command]", "the name of a command")
    .summary("print the help of a command")
    .description("Prints the help of a command.")
    .action(async (name) => {
      if (name === undefined) return program.outputHelp();
      const isKnown = program.commands.some((command) => command.name() === name);
      await program.parseAsync(isKnown ? [name, "--help"] : [name], { from: "user" });
    });
}

/** An option with one value is given once: otherwise the last value would count, in silence. @param {Command} command */
function refuseRepetitions(command) {
  for (const option of command.options) {
    const { parseArg } = option;
    if (!parseArg || parseArg === list) continue;
    const parseOnce = (/** @type {string} */ value, /** @type {unknown} */ previous) => {
      if (previous !== undefined) throw new InvalidArgumentError("It is given twice: pass it once.");
      return parseArg.call(option, value, previous);
    };
    option.parseArg = /** @type {typeof parseArg} */ (parseOnce);
  }
}

/** @param {Perform} perform */
function runCommand(perform) {
  const command = new Command("run")
    .argument("[ids...]", "ids of devices; an id that begins with - comes after --")
    .summary("start diagnostics on devices, and wait for all of them")
    .description("Starts diagnostics on devices, and waits for all of them.")
    .optionsGroup("Devices:")
    .addOption(new Option("--csv <file>", "the devices in the column Device Id of a CSV file; - for standard input").argParser(file))
    .option("--all", "all devices of the tenant")
    .optionsGroup("Pace:")
    .addOption(
      new Option("--concurrency <number>", "devices that run at the same time (default: no limit)").argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(
      new Option("--on-conflict <action>", "if diagnostics are already queued: throw (conflict) or attach (follow them)").choices([
        "throw",
        "attach",
      ]),
    )
    .optionsGroup("Results:")
    .addOption(new Option("--state <file>", "keep what was started in this file, and go on from it").argParser(file));
  withSelection(command, "with --all: ");
  withFleet(command);
  withCommonOptions(command);
  return command.addHelpText("after", RUN_MANUAL).action((ids, options) => perform("run", ids, options));
}

/** @param {Perform} perform */
function waitCommand(perform) {
  const command = new Command("wait")
    .argument("<locations...>", "locations of operations; - reads them from standard input")
    .summary("wait for runs that were started earlier")
    .description("Waits for runs that were started earlier.");
  withFleet(command);
  withCommonOptions(command);
  return command.addHelpText("after", WAIT_MANUAL).action((locations, options) => perform("wait", locations, options));
}

/** @param {Perform} perform */
function devicesCommand(perform) {
  const command = new Command("devices")
    .summary("list the Teams devices of the tenant")
    .description("Lists the Teams devices of the tenant: in columns on a terminal, separated by tabs elsewhere.");
  withSelection(command, "");
  withCommonOptions(command);
  return command.action((options) => perform("devices", undefined, options));
}

/** @param {Perform} perform */
function operationsCommand(perform) {
  const command = new Command("operations")
    .argument("<id>", "the id of a device")
    .summary("list the operations of a device")
    .description("Lists the operations of a device, of every kind: in columns on a terminal, separated by tabs elsewhere.");
  withCommonOptions(command);
  return command.action((id, options) => perform("operations", id, options));
}

/** @param {Perform} perform */
function checkCommand(perform) {
  const command = new Command("check")
    .summary("check the token and the API")
    .description("Checks the token (is it for this Graph, in time, with which permissions, of which kind) and whether the API answers.");
  withCommonOptions(command);
  return command.addHelpText("after", TOKENS).action((options) => perform("check", undefined, options));
}

/** @param {Perform} perform */
function simulateCommand(perform) {
  const command = new Command("simulate")
    .summary("serve a simulated Graph, and the page")
    .description(
      "Serves a simulated Graph on 127.0.0.1, for tests and trials, and the page of this package. It needs no tenant and no token.",
    )
    .optionsGroup("Server:")
    .addOption(new Option("--port <number>", "the port; 0 picks a free one (default: 8787)").argParser(wholeNumber(0, 65_535)))
    .addOption(new Option("--www <folder>", "serve this folder at /, in place of the page").argParser(file))
    .option("--exit-with-stdin", "end with standard input, and so with the program that started this one")
    .optionsGroup("Tenant:")
    .addOption(new Option("--tenant <name>", "the devices that are shown (default: catalogue)").choices(TENANTS))
    .addOption(
      new Option("--devices <file>", "add the devices of this JSON file; a device with a known id replaces that one").argParser(file),
    )
    .optionsGroup("Graph:")
    .addOption(
      new Option("--pace-ms <number>", "time in each of Queued, Scheduled and InProgress (default: 1000)").argParser(
        wholeNumber(0, 86_400_000),
      ),
    )
    .addOption(
      new Option("--requests-per-second <number>", "respond 429 above this (default: no limit)").argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(new Option("--location <form>", "how the Location of a 202 is written (default: relative)").choices(LOCATIONS))
    .option("--bare", 'send a single operation without { "value": … } around it')
    .addOption(
      new Option("--dates <form>", "how times are written; an example of Microsoft has hyphens (default: iso)").choices(["iso", "hyphens"]),
    )
    .addOption(new Option("--next-link <form>", "how links to the next page are written (default: relative)").choices(NEXT_LINKS))
    .option("--cacheable", "let caches keep responses to GET for a minute")
    .option("--hide-retry-after", "hide Retry-After from pages (CORS)")
    .option("--hide-location", "hide Location from pages (CORS)");
  return command.addHelpText("after", SIMULATE_MANUAL).action((options) => perform("simulate", undefined, options));
}

/** @param {Command} command @param {string} when */
function withSelection(command, when) {
  command
    .optionsGroup("Devices:")
    .addOption(new Option("--type <types>", `${when}only these types, such as teamsRoom,ipPhone`).argParser(list))
    .addOption(new Option("--health <states>", `${when}only these states of health, such as critical,offline`).argParser(list));
}

/** What run and wait have in common. @param {Command} command */
function withFleet(command) {
  command
    .optionsGroup("Pace:")
    .addOption(new Option("--max-requests-per-second <number>", "requests to Graph (default: 10)").argParser(rate))
    .addOption(
      new Option(
        "--pause-timeout <duration>",
        "limit for a pause while the token is refused or the host is offline (default: none)",
      ).argParser(duration({ none: true })),
    )
    .optionsGroup("Results:")
    .addOption(new Option("--report <file>", "write the results to this .csv or .json file").argParser(reportFile))
    .optionsGroup("Waiting:")
    .addOption(
      new Option("--operation-timeout <duration>", "limit for one device (default: 1h; none for no limit)").argParser(
        duration({ none: true }),
      ),
    )
    .addOption(new Option("--poll-interval <duration>", "time between two polls (default: adaptive, 2s to 15s)").argParser(duration()))
    .addOption(
      new Option("--patience <duration>", "how long a wait goes on without a usable response (default: 5m)").argParser(
        duration({ zero: true, none: true }),
      ),
    );
}

/** @param {Command} command */
function withCommonOptions(command) {
  command
    .optionsGroup("Token:")
    .addOption(
      new Option("--token-file <file>", "read the token from this file, again for each new token; - for standard input").argParser(file),
    )
    .addOption(new Option("--auth <source>", "get tokens from this source").choices(["azure-identity", "azure-cli"]))
    .addOption(new Option("--token [value]").hideHelp())
    .optionsGroup("Graph:")
    .addOption(new Option("--cloud <cloud>", "the cloud of the tenant (default: global)").choices(CLOUD_NAMES).conflicts("baseUrl"))
    .addOption(new Option("--base-url <url>", "another service root, with its version").argParser(baseUrl))
    .addOption(new Option("--timeout <duration>", "limit for one request (default: 30s)").argParser(duration()))
    .addOption(new Option("--max-retries <number>", "retries of one start or list (default: 3)").argParser(wholeNumber(0, 1_000_000)))
    .optionsGroup("Output:")
    .option("--json", "print NDJSON: one JSON object a line")
    .on("option:token", refuseToken);
}

/** The value is in no message, because it is a secret. @returns {never} */
function refuseToken() {
  throw usageError(
    "A token on the command line can be read by other users",
    "Set GRAPH_TOKEN, or use --token-file FILE (- for standard input).",
  );
}
