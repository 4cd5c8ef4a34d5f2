// SIGTERM and SIGINT, taken by waiting for them instead of by a handler: no code runs in a signal's context.

import Glibc
import MicroHTTP

struct StopSignals: @unchecked Sendable {
    // SAFETY: never changed after init.
    private var signals = sigset_t()

    /// Blocks the two signals for this thread and those that it starts, and ignores SIGPIPE.
    init() {
        signal(SIGPIPE, SIG_IGN)
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Waits for one of them; answers its name.
    func wait() -> String { waitForNumber() == SIGINT ? "SIGINT" : "SIGTERM" }

    /// Ends the process, without further ado, when one comes from now on.
    func exitAtNext() {
        _ = OwnedThread(name: "husk-signals") {
            let number = waitForNumber()
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
