// Every form of WireForms.swift over a raw socket: how many answers there are, which, and whether the connection goes on.

import TestSupport
import Testing

@Suite struct WireFormTests {
    @Test(arguments: WireForm.all)
    func formIsAnsweredAsTheStandardsSay(_ form: WireForm) throws {
        try withHusk { server in
            _ = try server.ask("PUT", "/map/keys/s", body: "there")
            let client = try Client(port: server.port)
            try client.send(form.wire + Array(WireForm.next.utf8))
            var answers: [String] = []
            for expected in form.answers + (form.goesOn ? ["200"] : []) {
                let isHead = expected.hasPrefix("HEAD ")
                let answer = try client.readAnswer(hasBody: !isHead, passesOver100: false)
                answers.append("\(isHead ? "HEAD " : "")\(answer.status)")
                if answer.status >= 400 {
                    #expect(answer.header("Content-Type") == "application/problem+json", "\(answer)")
                }
            }
            #expect(answers == form.answers + (form.goesOn ? ["200"] : []))
            if form.goesOn {
                // Nothing is left over of an answer, nor of a request.
                #expect(try client.ask("GET", "/version").status == 200)
            } else {
                #expect(try client.isClosedByServer(), "there is more than \(answers)")
            }
            #expect(try server.ask("GET", "/version").status == 200)
        }
    }

    @Test func thereAreFormsEnough() {
        #expect(WireForm.all.count >= 120)
        #expect(Set(WireForm.all.map(\.name)).count == WireForm.all.count)
    }

    @Test(arguments: ["/version", "/map", "/map/entries", "/metrics", "/nothing"])
    func headersOfHEADAreThoseOfGET(_ path: String) throws {
        try withHusk { server in
            let client = try Client(port: server.port)
            let get = try client.ask("GET", path)
            let head = try client.ask("HEAD", path)
            func lines(_ answer: Answer) -> [Substring] {
                // The figures of /metrics, and the date, may differ from one answer to the next.
                answer.head.split(separator: "\r\n").filter {
                    !$0.hasPrefix("Date:") && !(path == "/metrics" && $0.hasPrefix("Content-Length:"))
                }
            }
            #expect(lines(head) == lines(get))
            #expect(try client.ask("GET", "/version").status == 200)
        }
    }
}
