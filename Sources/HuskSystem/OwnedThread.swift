import Glibc

/// A thread with a name, that is waited for once or let go.
package struct OwnedThread: Sendable {
    private let identifier: pthread_t

    /// Starts `body` on a thread called `name` (at most 15 characters; `top -H` shows it).
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var identifier = pthread_t()
        let failure = pthread_create(
            &identifier, nil,
            { context in
                let body = Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue()
                body.takeName()
                body.run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            fatalError("Cannot start the thread \(name): \(String(cString: strerror(failure)))")
        }
        self.identifier = identifier
    }

    /// Waits until the thread has ended. Either this or `letGo` is to be called, exactly once.
    package func join() { pthread_join(identifier, nil) }

    /// Nobody will wait for the thread: what it took goes when it ends.
    package func letGo() { pthread_detach(identifier) }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    /// pthread_setname_np hides behind _GNU_SOURCE; this is what it does.
    func takeName() {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, name.utf8.count)
        close(file)
    }
}
