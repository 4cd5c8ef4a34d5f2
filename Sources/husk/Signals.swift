// SIGTERM, SIGINT and SIGUSR1, taken by waiting for them instead of by a handler: no code runs in a signal's context.

import Glibc
import HuskSystem
import MicroHTTP

struct Signals: @unchecked Sendable {
    enum Signal: String {
        /// Stop.
        case terminate = "SIGTERM"
        case interrupt = "SIGINT"
        /// FreeOSMemory.
        case freeMemory = "SIGUSR1"
    }

    // SAFETY: never changed after init.
    private var signals = sigset_t()

    /// Blocks the signals for this thread and those that it starts, and ignores SIGPIPE.
    init() {
        signal(SIGPIPE, SIG_IGN)
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGUSR1)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Waits for one of them.
    func wait() -> Signal {
        switch waitForNumber() {
        case SIGINT: .interrupt
        case SIGUSR1: .freeMemory
        default: .terminate
        }
    }

    /// Ends the process, without further ado, when a signal to stop comes from now on.
    func exitAtNext() {
        _ = OwnedThread(name: "husk-signals") {
            var number = waitForNumber()
            while number == SIGUSR1 { number = waitForNumber() }
            // As a shell reports a process that the signal has killed.
            _exit(128 + number)
        }
    }

    private func waitForNumber() -> Int32 {
        var signals = signals
        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
        return number
    }
}
