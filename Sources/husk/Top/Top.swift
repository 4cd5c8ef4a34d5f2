// `husk top`: a server's figures in a terminal, once a second, with what happens to it.

import ArgumentParser
import Glibc
import HuskSystem
import Synchronization

struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch a server's memory and map in a terminal; q ends it.",
        discussion:
            "Where the output is no terminal, it is a line for each sample and mark. While the server is gone, it is asked "
            + "again every second.")

    @Argument(help: "The server, as in http://HOST:PORT. (default: the one that HUSK_HOST and HUSK_PORT name)")
    var url: String?

    @Flag(help: "Show how things stand, and end.")
    var once = false

    @Flag(help: "Samples and marks as JSON, one a line.")
    var json = false

    func run() throws {
        let text = url ?? "http://\(Settings.environmentAddress())"
        let whole = text.contains("://") ? text : "http://\(text)"
        guard let server = HTTPTarget(whole) else {
            throw ValidationError("'\(text)' is not of the form http://HOST:PORT")
        }
        let signals = Signals()
        var watch = TopWatch(server)
        let screen = screen
        if once {
            if json { return try Output.write(try watch.newestSample() + "\n") }
            try watch.readTimeline(sampleCount: screen.sampleCount)
            let lines = screen.lines(watch.history, server.origin, trouble: nil)
            return try Output.write(lines.map { $0 + "\n" }.joined())
        }
        let stop = StopFlag(signals)
        if json || !Terminal.isScreen {
            try follow(&watch, stop)
        } else {
            try draw(&watch, stop)
        }
    }

    private var screen: TopScreen {
        let (columns, rows) = Terminal.size
        return TopScreen(
            columns: max(columns, TopScreen.leastColumns), rows: max(rows, TopScreen.leastRows),
            isUnicode: Terminal.isUnicode)
    }

    /// A line for each event, until somebody ends it.
    private func follow(_ watch: inout TopWatch, _ stop: StopFlag) throws {
        var trouble: String?
        while !stop.hasCome {
            for event in watch.wait(milliseconds: 250, keys: nil) {
                switch (event.name, json) {
                case ("sample", true): try Output.write("{\"sample\":\(event.data)}\n")
                case ("mark", true): try Output.write("{\"mark\":\(event.data)}\n")
                case ("sample", false):
                    try Output.write(screen.line(watch.history, watch.history.samples.last!) + "\n")
                case ("mark", false): try Output.write(screen.line(watch.history.marks.last!) + "\n")
                default: break
                }
            }
            if watch.trouble != trouble {
                trouble = watch.trouble
                // Apart from the figures, and the first reason only: the next attempts fail for the same.
                if let trouble { complain(trouble) }
            }
        }
    }

    private func complain(_ trouble: String) {
        let text = "husk: \(trouble)\n"
        _ = write(STDERR_FILENO, text, text.utf8.count)
    }

    /// The screen, until somebody ends it.
    private func draw(_ watch: inout TopWatch, _ stop: StopFlag) throws {
        let terminal = Terminal()
        try terminal.take()
        defer { terminal.giveBack() }
        watch.wantedSamples = { [self] in screen.sampleCount }
        while !stop.hasCome {
            let lines = screen.lines(watch.history, watch.server.origin, trouble: watch.trouble)
            try terminal.draw(lines)
            _ = watch.wait(milliseconds: 1000, keys: terminal.hasKeys ? STDIN_FILENO : nil)
            if watch.hasKeys, terminal.wantsToLeave() { return }
        }
    }
}

/// Set by SIGINT or SIGTERM.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    init(_ signals: Signals) {
        OwnedThread(name: "husk-signals") { [self] in
            while signals.wait() == .freeMemory {}
            flag.store(true, ordering: .relaxed)
            signals.exitAtNext()
        }.letGo()
    }

    var hasCome: Bool { flag.load(ordering: .relaxed) }
}
