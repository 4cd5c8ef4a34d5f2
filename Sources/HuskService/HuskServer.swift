// A whole Husk server: the lab, the service around it, and the HTTP server before that.
//
//   let server = try HuskServer(configuration, logger: logger)
//   ...
//   server.stop()

import Glibc
import GoHeap
import GoMap
import HuskLab
import KeyStreams
import Logging
import MicroHTTP

package final class HuskServer: Sendable {
    package struct Configuration: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        package var type = MapTypeName(key: .string, value: .bytes)
        package var hint = 0
        /// Nil is that of the Go that the settings name.
        package var layout: MapLayout?
        package var shards = 1
        /// Bytes for the heap and for what requests buffer; nil is three quarters of what the process can have.
        package var maxMemoryBytes: Int?
        /// Threads that serve connections; nil is one a core.
        package var threads: Int?
        /// Web pages of other origins that may use the service as its own may.
        package var corsOrigins: [WebOrigin] = []
        /// The folder whose files may be replayed; nil for none.
        package var replayDirectory: String?
        /// Bytes of a request's line and headers; nil is the HTTP server's default, as for the next three.
        package var headLimitBytes: Int?
        /// Seconds that a request's line and headers may take.
        package var headTimeoutSeconds: Int?
        /// Seconds that the body of a request may take; those of imports are held to the rate instead.
        package var requestTimeoutSeconds: Int?
        /// Bytes a second that an import, an export or another answer must move while the client is waited for.
        package var minimumBytesPerSecond: Int?
        /// Samples that the timeline keeps; nil is an hour's, or what there is room for.
        package var timelineSize: Int?
        package var timelinePeriodNanoseconds: UInt64 = 1_000_000_000
        package var settings = LabSettings()
        /// How many times as fast as the wall clock the runtime's clock runs.
        package var timeScale = 1.0

        package init() {}
    }

    package let lab: Lab
    package let service: Service
    private let http: HTTPServer

    /// Makes the map and starts to serve.
    /// - Throws: what went wrong, as one line.
    package init(_ configuration: Configuration, logger: Logger) throws(StartError) {
        let ceiling = MemoryCeiling.ofThisProcess
        let maxMemoryBytes = configuration.maxMemoryBytes ?? ceiling.bytes / 4 * 3
        let plan = try MemoryPlan(maxMemoryBytes: maxMemoryBytes, timelineSize: configuration.timelineSize)
        let replayFolder = try Self.replayFolder(configuration)
        let timeline = Timeline(size: plan.timelineSize)
        lab = try Self.makeLab(configuration, maxMemoryBytes: plan.heapBytes, timeline, logger: logger)
        let budget = plan.makeBudget(lender: lab)
        service = Service(
            lab: lab, logger: logger, budget: budget, corsOrigins: configuration.corsOrigins,
            replayFolder: replayFolder, timeline: timeline,
            timelinePeriodNanoseconds: configuration.timelinePeriodNanoseconds)
        do throws(HTTPServerError) {
            var http = Self.httpConfiguration(configuration)
            http.budget = budget
            http.connectionLimit = min(
                http.connectionLimit, plan.connectionLimit(connectionBytes: http.connectionBytes))
            self.http = try HTTPServer(configuration: http, handler: service)
        } catch {
            service.close()
            throw StartError(description: error.description)
        }
        Self.log(maxMemoryBytes, isDefault: configuration.maxMemoryBytes == nil, ceiling, logger)
    }

    package struct StartError: Error, CustomStringConvertible {
        package var description: String
    }

    /// The port that it listens on.
    package var port: Int { http.port }
    package var connectionCount: Int { http.connectionCount }

    /// Answers 503 to `/readyz`, so that no more clients are sent here, and goes on with everything else.
    package func startDraining() { service.startDraining() }

    /// Stops accepting, lets requests under way finish, and returns when no thread of the server runs any more.
    /// - Parameter deadlineSeconds: when what is still under way is ended: long operations and imports are answered then, with
    ///   what they have done so far, within a second; exports are cut off.
    package func stop(deadlineSeconds: Double = 2) {
        service.startStopping()
        http.stop(deadlineSeconds: deadlineSeconds, answerSeconds: 1) { service.cancelLongWork() }
        service.close()
    }

    /// FreeOSMemory, on a thread of the service, with the memory before and after in the log.
    package func freeMemory(because reason: String) {
        let lab = lab
        let logger = service.logger
        let timeline = service.timeline
        let isQueued = service.collections.submit {
            logger.info("\(reason): FreeOSMemory")
            let measured = lab.freeOSMemory()
            logger.info("FreeOSMemory: \(measured.change)")
            timeline.add(.freeMemory, measured.brief, by: reason)
        }
        if !isQueued { logger.warning("\(reason): too much is under way for FreeOSMemory; try again") }
    }

    /// Says where the default of `--max-memory` comes from, and when it is more than there is.
    private static func log(_ maxMemoryBytes: Int, isDefault: Bool, _ ceiling: MemoryCeiling, _ logger: Logger) {
        let size = "\(megabytes(maxMemoryBytes)) MiB"
        if isDefault {
            logger.info("--max-memory is \(size): three quarters of \(ceiling)")
        } else if maxMemoryBytes > ceiling.bytes {
            logger.warning(
                "--max-memory, \(size), is more than \(ceiling), \(megabytes(ceiling.bytes)) MiB: the kernel may end the process before an insert is refused"
            )
        }
    }

    private static func replayFolder(_ configuration: Configuration) throws(StartError) -> ReplayFolder? {
        guard let path = configuration.replayDirectory else { return nil }
        do throws(KeyStreamError) { return try ReplayFolder(path) } catch {
            throw StartError(description: "--replay-dir: \(error)")
        }
    }

    private static func makeLab(
        _ configuration: Configuration, maxMemoryBytes: Int, _ timeline: Timeline, logger: Logger
    ) throws(StartError) -> Lab {
        var labConfiguration = Lab.Configuration()
        labConfiguration.type = configuration.type
        labConfiguration.layout = configuration.layout
        labConfiguration.shards = configuration.shards
        labConfiguration.settings = configuration.settings
        labConfiguration.timeScale = configuration.timeScale
        labConfiguration.printTrace = { lines in
            // As Go prints them: plain lines on stderr, not log entries.
            let text = lines.map { $0 + "\n" }.joined()
            _ = write(STDERR_FILENO, text, text.utf8.count)
        }
        labConfiguration.reportCheck = { action in
            action.log(to: logger)
            timeline.add(.remedy, action.brief, by: action.check.name)
        }
        labConfiguration.maxMemoryBytes = maxMemoryBytes
        let lab: Lab
        do throws(HeapError) {
            lab = try Lab(labConfiguration)
        } catch {
            throw StartError(description: error.description)
        }
        if configuration.hint > 0 {
            // By way of a replacement, which keeps to the memory limit.
            var replacement = Replacement()
            replacement.hint = configuration.hint
            do throws(LabError) {
                _ = try lab.replace(with: replacement)
            } catch {
                throw StartError(
                    description: "cannot make a map with a hint of \(configuration.hint): \(error)")
            }
        }
        return lab
    }

    private static func httpConfiguration(_ configuration: Configuration) -> HTTPServer.Configuration {
        var http = HTTPServer.Configuration(host: configuration.host, port: configuration.port)
        if let threads = configuration.threads { http.threads = threads }
        if let bytes = configuration.headLimitBytes { http.headLimitBytes = bytes }
        if let seconds = configuration.headTimeoutSeconds { http.headTimeoutSeconds = seconds }
        if let seconds = configuration.requestTimeoutSeconds { http.requestTimeoutSeconds = seconds }
        if let rate = configuration.minimumBytesPerSecond { http.minimumBytesPerSecond = rate }
        http.bodyLimitBytes = Limits.valueBytes
        return http
    }
}

extension CheckAction {
    fileprivate func log(to logger: Logger) {
        let what = "\(check.name): \(check.policy.does.kind.rawValue)"
        switch outcome {
        case .success(let measured):
            let changes = readings.map {
                "\($0.figure.title) \(megabytes($0.beforeBytes)) -> \(megabytes($0.afterBytes)) MB"
            }
            logger.info("\(what): \((changes + [measured.change]).joined(separator: ", "))")
        case .failure(let error):
            let figures = readings.map { ", \($0.figure.title) \(megabytes($0.beforeBytes)) MB" }
            logger.warning("\(what) could not be applied\(figures.joined()): \(error)")
        }
    }
}

extension CheckAction {
    /// What it did, for a mark.
    fileprivate var brief: String {
        switch outcome {
        case .success(let measured): "\(check.policy.does.kind.rawValue): \(measured.brief)"
        case .failure(let error): "\(check.policy.does.kind.rawValue) could not be applied: \(error)"
        }
    }
}

/// A number of bytes in MiB, rounded to tenths.
private func megabytes(_ bytes: some BinaryInteger) -> String {
    let tenths = (UInt64(bytes) * 10 + 524_288) >> 20
    return "\(tenths / 10).\(tenths % 10)"
}

extension Measured {
    /// What moved, for a mark: `HeapAlloc 305.2 -> 0.1, RSS 341.0 -> 340.9 MiB`.
    var brief: String {
        "HeapAlloc \(megabytes(before.heapAlloc)) -> \(megabytes(after.heapAlloc)), "
            + "RSS \(megabytes(before.residentBytes)) -> \(megabytes(after.residentBytes)) MiB"
    }

    /// The memory before and after, for the log.
    fileprivate var change: String {
        func change(_ name: String, _ figure: (MemorySample) -> UInt64) -> String {
            "\(name) \(megabytes(figure(before))) -> \(megabytes(figure(after))) MB"
        }
        return [
            change("HeapInuse") { $0.heapInuse }, change("HeapIdle") { $0.heapIdle },
            change("HeapReleased") { $0.heapReleased }, change("RSS") { UInt64($0.residentBytes) },
        ].joined(separator: ", ") + ", in \(elapsedNanoseconds / 1_000_000) ms"
    }
}
