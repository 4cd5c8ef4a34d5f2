import Glibc
import HuskSystem
import Synchronization
import Testing

@Suite struct OwnedThreadTests {
    @Test("a thread bears its name, and join waits for its end") func name() {
        let seen = Mutex("")
        let thread = OwnedThread(name: "test-a-name") {
            var text = [UInt8](repeating: 0, count: 32)
            let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
            let count = read(file, &text, text.count)
            close(file)
            seen.withLock { $0 = String(decoding: text[..<max(0, count)], as: UTF8.self) }
        }
        thread.join()
        let name = seen.withLock { $0 }
        #expect(name == "test-a-name\n")
    }
}
