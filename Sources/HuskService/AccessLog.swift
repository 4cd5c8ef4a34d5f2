// One line for each request at log level debug: what was asked, what was answered, how long it took, who asked.
//
//   GET /map/keys/a 200 5 B 0.112 ms 127.0.0.1:40212

import MicroHTTP

extension Service {
    /// PERF: called only where the level asks for it; it makes strings and asks the kernel for the client's address.
    func log(_ exchange: Exchange, of request: Request) {
        let status = exchange.status == 0 ? "-" : "\(exchange.status)"
        let microseconds = exchange.durationNanoseconds / 1000
        let thousandths = "\(1000 + microseconds % 1000)".dropFirst()
        let end = exchange.isComplete ? "" : ", cut off"
        logger.debug(
            """
            \(exchange.method.name) \(printable(request.wholeTarget)) \(status) \(exchange.responseBodyBytes) B \
            \(microseconds / 1000).\(thousandths) ms \(request.clientAddress ?? "-")\(end)
            """)
    }
}

/// A target as it came, without bytes that could change what the log looks like, and not for ever.
private func printable(_ target: UnsafeRawBufferPointer) -> String {
    let limitBytes = 256
    var text = ""
    for byte in target.prefix(limitBytes) {
        if (0x21...0x7E).contains(byte) {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return target.count > limitBytes ? text + "…" : text
}
