// SIGINT and SIGTERM for a command that ends with what it has: the first is told, the second ends the process.

import HuskSystem
import Synchronization

final class Interruption: Sendable {
    private let flag = Atomic(false)

    /// - Parameters:
    ///   - signals: made before any other thread.
    ///   - onFirst: is called on a thread of its own.
    init(_ signals: Signals, onFirst: @escaping @Sendable () -> Void = {}) {
        let thread = OwnedThread(name: "husk-signals") { [self] in
            while signals.wait() == .freeMemory {}
            flag.store(true, ordering: .relaxed)
            onFirst()
            signals.exitAtNext()
        }
        thread.letGo()
    }

    var hasCome: Bool { flag.load(ordering: .relaxed) }
}
