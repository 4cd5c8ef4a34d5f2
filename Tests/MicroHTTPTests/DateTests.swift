// The Date header: of the second in which the answer is made.

import Foundation
import TestSupport
import Testing

@Suite struct DateTests {
    @Test("Each answer has the date of its own second")
    func dateOfAnswers() throws {
        try withServer { server in
            let client = try Client(port: server.port)
            var dates: Set<String> = []
            // Three different seconds: what is kept of one is not given in the next.
            while dates.count < 3 {
                let before = time(nil)
                let response = try client.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                let after = time(nil)
                let date = try #require(response.header("Date"))
                #expect((before...after).contains { Self.text(of: $0) == date }, "\(date) at \(before)")
                dates.insert(date)
                usleep(20_000)
            }
        }
    }

    private static func text(of second: time_t) -> String {
        // As RFC 9110, section 5.6.7 has it; by another way than the server's.
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(second)))
    }
}
