// `husk serve`: the service, until SIGTERM or SIGINT.

import ArgumentParser
import Glibc
import HuskLab
import HuskService
import HuskSystem
import Logging
import MicroHTTP

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve one shared map over HTTP until SIGTERM or SIGINT.",
        discussion:
            "Each option can also be set as an environment variable, as in HUSK_PORT; the option wins. "
            + "GOGC, GOMEMLIMIT, GOMAXPROCS and GODEBUG are read as Go reads them: what Go ignores is ignored. "
            + "SIGUSR1 gives idle memory back to the system and logs what that did.")

    @Option(help: "The address to listen on: IPv4, IPv6 or localhost. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 lets the system choose. (default: 8080)")
    var port: String?

    @Option(help: "The map's type in Go's syntax. (default: map[string][]byte)")
    var type: String?

    @Option(help: "How many entries to make the map for. (default: 0)")
    var hint: String?

    @Option(help: "How the map keeps its entries: bucket or swiss. (default: that of the Go to behave as)")
    var layout: String?

    @Option(help: "How many maps the hash of a key picks from, a power of two up to 4096. (default: 1)")
    var shards: String?

    @Option(
        help: """
            Most bytes for the heap and for what requests buffer, as in 4294967296 or 4GiB. (default: 3/4 of the memory)
            """)
    var maxMemory: String?

    @Option(help: "Threads that serve connections. (default: one a core)")
    var threads: String?

    @Option(help: "An origin whose web pages may use the service, as in http://a:3000; repeatable.")
    var corsOrigin: [String] = []

    @Option(help: "A folder whose files may be replayed by workloads of kind replay. (default: none)")
    var replayDir: String?

    @Option(help: "Bytes of a request's line and headers, 2KiB to 256KiB. (default: 8KiB)")
    var headLimit: String?

    @Option(help: "Seconds that a request's line and headers may take. (default: 10)")
    var headTimeout: String?

    @Option(
        help: "Seconds that a request's body may take; imports are held to --min-rate instead. (default: 60)")
    var requestTimeout: String?

    @Option(
        help:
            "Bytes a second that imports, exports and answers must move on average; 0 for no limit. (default: 4KiB)"
    )
    var minRate: String?

    @Option(help: "How long between two samples of the timeline, 10ms to 1h. (default: 1s)")
    var timelinePeriod: String?

    @Option(help: "How many samples the timeline keeps. (default: 3600, or what a 32nd of --max-memory has room for)")
    var timelineSize: String?

    @Option(help: "Seconds that /readyz is 503 before a SIGTERM stops the server. (default: 0)")
    var drain: String?

    @Option(
        help:
            "trace, debug, info, notice, warning, error or critical; debug logs each request. (default: info)"
    )
    var logLevel: String?

    @OptionGroup(title: "Runtime options")
    var runtime: RuntimeOptions

    /// When the process ends, whatever is still under way.
    private static let stopMicroseconds: UInt32 = 4_200_000

    func run() throws {
        let settings = Settings()
        let configuration = try settings.serverConfiguration(self)
        let level = try settings.logLevel(logLevel)
        let drainSeconds = try settings.drainSeconds(drain)
        settings.warnOfUnknownVariables()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "husk")
        logger.logLevel = level
        for warning in settings.warnings { logger.warning("\(warning)") }
        for notice in settings.notices { logger.info("\(notice)") }

        ProcessAllocator.configure(
            threads: configuration.threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        // Before any thread starts, so that all of them leave these signals to this one.
        let signals = Signals()
        let server: HuskServer
        do throws(HuskServer.StartError) {
            server = try HuskServer(configuration, logger: logger)
        } catch {
            throw Failure(description: error.description)
        }
        let host = HostAddress(configuration.host)
        if !host.isLoopback {
            logger.warning(
                "listens on \(host.bare), where nothing authenticates: whoever reaches the port can read and change all"
            )
        }
        if configuration.timeScale != 1 {
            logger.warning(
                "the runtime's clock runs \(configuration.timeScale) times as fast as the wall clock")
        }
        logger.info("serves a \(configuration.type) on http://\(host.inURL):\(server.port)")

        var signal = signals.wait()
        while signal == .freeMemory {
            server.freeMemory(because: signal.rawValue)
            signal = signals.wait()
        }
        signals.exitAtNext()
        if drainSeconds > 0 {
            logger.info(
                "\(signal.rawValue): /readyz is 503, stops in \(drainSeconds) s; a second signal stops at once"
            )
            server.startDraining()
            sleep(UInt32(drainSeconds))
        }
        logger.info("\(signal.rawValue): finishes the requests under way; a second signal stops at once")
        // Collections cannot be interrupted, and nothing is lost by leaving one.
        _ = OwnedThread(name: "husk-stop") { [logger] in
            usleep(Self.stopMicroseconds)
            logger.warning("stopped with a collection under way")
            _exit(0)
        }
        server.stop()
        logger.info("stopped")
    }
}
