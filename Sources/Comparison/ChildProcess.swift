// A process of our own that writes lines, and how it ended.
//
// What it complains of comes through the same pipe as what it tells, so that one read waits for both.

import Glibc
import HuskSystem
import Synchronization

package final class ChildProcess: Sendable {
    package enum End: Equatable, Sendable {
        case exit(status: Int)
        case signal(number: Int)
    }

    package struct StartFailure: Error, CustomStringConvertible {
        package var description: String
    }

    private let identifier: pid_t
    private let output: Int32

    /// Starts it, with no signal blocked or ignored.
    ///
    /// - Parameters:
    ///   - executable: its path.
    ///   - arguments: without its own name.
    package init(executable: String, arguments: [String]) throws(StartFailure) {
        var ends: [Int32] = [0, 0]
        if pipe(&ends) != 0 { throw Self.failure(errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = (["husk"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier = pid_t()
        let failure = posix_spawn(&identifier, executable, &actions, &attributes, &words, environ)
        close(ends[1])
        if failure != 0 {
            close(ends[0])
            throw Self.failure(failure)
        }
        self.identifier = identifier
    }

    /// Gives each of its lines to `onLine` until it has ended, and answers how it did. To be called once.
    ///
    /// - Parameter isStopping: is asked ten times a second; once it is true the process is told to stop, and two seconds
    ///   later it is ended.
    package func run(isStopping: () -> Bool, onLine: (String) -> Void) -> End {
        defer { close(output) }
        var stop = Stop()
        var line: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var isOpen = true
        while true {
            stop.advance(isStopping(), identifier)
            if isOpen {
                var waited = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
                if poll(&waited, 1, Self.glanceMilliseconds) <= 0 { continue }
                let count = read(output, &bytes, bytes.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { isOpen = false }
                for byte in bytes[..<max(0, count)] {
                    if byte == UInt8(ascii: "\n") {
                        onLine(String(decoding: line, as: UTF8.self))
                        line.removeAll(keepingCapacity: true)
                    } else if line.count < Self.lineLimit {
                        line.append(byte)
                    }
                }
            } else if let end = end() {
                if !line.isEmpty { onLine(String(decoding: line, as: UTF8.self)) }
                return end
            }
        }
    }

    /// How it ended, if it has within a moment.
    private func end() -> End? {
        var status: Int32 = 0
        let ended = waitpid(identifier, &status, WNOHANG)
        if ended == 0 {
            usleep(2000)
            return nil
        }
        // What WIFSIGNALED and WEXITSTATUS are made of, which are macros.
        let signal = Int(status & 0x7F)
        return signal != 0 ? .signal(number: signal) : .exit(status: Int(status >> 8 & 0xFF))
    }

    /// Telling it to stop, and then making it.
    private struct Stop {
        private var toldNanoseconds: UInt64?
        private var isKilled = false

        mutating func advance(_ isStopping: Bool, _ identifier: pid_t) {
            guard isStopping else { return }
            let now = monotonicNanoseconds()
            guard let toldNanoseconds else {
                toldNanoseconds = now
                kill(identifier, SIGTERM)
                return
            }
            if !isKilled, now - toldNanoseconds > ChildProcess.graceNanoseconds {
                isKilled = true
                kill(identifier, SIGKILL)
            }
        }
    }

    private static let glanceMilliseconds: Int32 = 100
    private static let graceNanoseconds: UInt64 = 2_000_000_000
    /// No record comes near; what is longer is cut.
    private static let lineLimit = 1 << 20

    private static func failure(_ number: Int32) -> StartFailure {
        StartFailure(description: "cannot start a process: \(String(cString: strerror(number)))")
    }
}
