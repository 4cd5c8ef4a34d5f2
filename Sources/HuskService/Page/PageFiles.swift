// The files of the page as answers, made once: each with an entity tag, so that a browser asks whether it has changed and
// is told in a few bytes that it has not. Immutable; any thread.

import CZlib
import MicroHTTP

struct PageFiles: Sendable {
    private struct File: Sendable {
        /// Without what says that it is weak.
        let tag: String
        let plain: SharedResponse
        let packed: SharedResponse
        let notModified: SharedResponse
    }

    private let files: [String: File]

    init() {
        files = Self.contents.mapValues { contentType, bytes in
            // Weak, for it is the same for both encodings.
            let tag = "\"\(String(fnv1a(bytes), radix: 16))\""
            let headers = Self.headers + [("ETag", "W/\(tag)")]
            return File(
                tag: tag,
                plain: SharedResponse(status: 200, contentType: contentType, headers: headers, body: bytes),
                packed: SharedResponse(
                    status: 200, contentType: contentType, headers: headers + [("Content-Encoding", "gzip")],
                    body: gzip(bytes)),
                notModified: SharedResponse(status: 304, headers: headers))
        }
    }

    /// - Returns: nil when there is no file of that name.
    func answer(_ name: String, to request: Request) -> Response? {
        guard let file = files[name] else { return nil }
        // A tag is quoted, and of 64 bits: where it stands in the list, it is meant. (RFC 9110, section 13.1.2)
        let known = request.fieldValue("if-none-match").map { String(decoding: $0, as: UTF8.self) } ?? ""
        if known == "*" || known.contains(file.tag) { return Response(file.notModified) }
        return Response(takesGzip(request) ? file.packed : file.plain)
    }

    /// Of all files. Nothing but the page's own files may run, be shown or be called, and no other page may frame it; the
    /// picture of the map is a blob that the page makes.
    private static let headers = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
                + "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("Cache-Control", "no-cache"), ("Vary", "Accept, Accept-Encoding"), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]

    private static var contents: [String: (ContentType, [UInt8])] {
        [
            "index.html": (.html, PackageResources.index_html),
            "style.css": (.css, PackageResources.style_css),
            "icon.svg": (ContentType("image/svg+xml"), PackageResources.icon_svg),
            "words.en.json": (.json, PackageResources.words_en_json),
            "words.zh.json": (.json, PackageResources.words_zh_json),
            "answers.js": (.javaScript, PackageResources.answers_js),
            "calls.js": (.javaScript, PackageResources.calls_js),
            "charts.js": (.javaScript, PackageResources.charts_js),
            "comparison.js": (.javaScript, PackageResources.comparison_js),
            "downloads.js": (.javaScript, PackageResources.downloads_js),
            "elements.js": (.javaScript, PackageResources.elements_js),
            "events.js": (.javaScript, PackageResources.events_js),
            "figures.js": (.javaScript, PackageResources.figures_js),
            "forms.js": (.javaScript, PackageResources.forms_js),
            "jobs.js": (.javaScript, PackageResources.jobs_js),
            "map.js": (.javaScript, PackageResources.map_js),
            "memory.js": (.javaScript, PackageResources.memory_js),
            "operations.js": (.javaScript, PackageResources.operations_js),
            "page.js": (.javaScript, PackageResources.page_js),
            "painter.js": (.javaScript, PackageResources.painter_js),
            "surfaces.js": (.javaScript, PackageResources.surfaces_js),
            "timeline.js": (.javaScript, PackageResources.timeline_js),
            "tour.js": (.javaScript, PackageResources.tour_js),
            "tour-steps.js": (.javaScript, PackageResources.tour_steps_js),
            "words.js": (.javaScript, PackageResources.words_js),
            "workloads.js": (.javaScript, PackageResources.workloads_js),
        ]
    }
}

/// FNV-1a of 64 bits: tells one version of a file from the next. (http://www.isthe.com/chongo/tech/comp/fnv/)
private func fnv1a(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// Whether the client says that it does; `*` and `x-gzip`, which no browser says, are not looked for. (RFC 9110, section 12.5.3)
private func takesGzip(_ request: Request) -> Bool {
    let accepted = String(decoding: request.fieldValue("accept-encoding") ?? [], as: UTF8.self).lowercased()
    return accepted.split(separator: ",").contains { element in
        let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        return parts.first == "gzip" && !parts.dropFirst().contains { $0.contains(/^q=0(\.0*)?$/) }
    }
}

/// Packs by zlib, as small as it can. (RFC 1952)
private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 15: the largest window; 16 more: gzip's header and checksum. 9: the most memory.
    let status = deflateInit2_(
        &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib \(ZLIB_VERSION) does not start: \(status)")
    defer { deflateEnd(&stream) }
    let limit = Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: limit) { output, count in
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(limit)
            let status = deflate(&stream, Z_FINISH)
            precondition(status == Z_STREAM_END, "zlib has room for all and does not take it: \(status)")
            count = limit - Int(stream.avail_out)
        }
    }
}

extension ContentType {
    fileprivate static let html = ContentType("text/html; charset=utf-8")
    fileprivate static let css = ContentType("text/css; charset=utf-8")
    fileprivate static let javaScript = ContentType("text/javascript; charset=utf-8")
}
