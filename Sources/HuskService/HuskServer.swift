// A whole Husk server: the lab, the service around it, and the HTTP server before that.
//
//   let server = try HuskServer(configuration, logger: logger)
//   ...
//   server.stop()

import GoHeap
import GoMap
import HuskLab
import Logging
import MicroHTTP

package final class HuskServer: Sendable {
    package struct Configuration: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        package var type = MapTypeName(key: .string, value: .bytes)
        package var hint = 0
        /// Bytes of pages that the heap may have in use; nil is three quarters of the machine's memory.
        package var maxMemoryBytes: Int?
        /// Threads that serve connections; nil is one a core.
        package var threads: Int?

        package init() {}
    }

    package let lab: Lab
    package let service: Service
    private let http: HTTPServer

    /// Makes the map and starts to serve.
    /// - Throws: what went wrong, as one line.
    package init(_ configuration: Configuration, logger: Logger) throws(StartError) {
        lab = try Self.makeLab(configuration)
        service = Service(lab: lab, logger: logger)
        do throws(HTTPServerError) {
            http = try HTTPServer(configuration: Self.httpConfiguration(configuration), handler: service)
        } catch {
            service.close()
            throw StartError(description: error.description)
        }
    }

    package struct StartError: Error, CustomStringConvertible {
        package var description: String
    }

    /// The port that it listens on.
    package var port: Int { http.port }
    package var connectionCount: Int { http.connectionCount }

    /// Stops accepting, lets requests under way finish, and returns when no thread of the server runs any more.
    /// - Parameter deadlineSeconds: when what is still under way is cut off.
    package func stop(deadlineSeconds: Double = 9) {
        service.startStopping()
        http.stop(deadlineSeconds: deadlineSeconds)
        service.close()
    }

    private static func makeLab(_ configuration: Configuration) throws(StartError) -> Lab {
        var labConfiguration = Lab.Configuration()
        labConfiguration.type = configuration.type
        if let maxMemoryBytes = configuration.maxMemoryBytes {
            labConfiguration.maxMemoryBytes = maxMemoryBytes
        }
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
        http.bodyLimitBytes = Limits.valueBytes
        return http
    }
}
