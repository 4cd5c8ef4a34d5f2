/// A client's own words in a message about them: at most 80 characters, so that an answer is not as long as what was sent.
///
/// - Returns: the text, or its beginning and `…`.
package func echoed(_ text: some StringProtocol) -> String {
    let limit = 80
    let shown = text.unicodeScalars.prefix(limit)
    return shown.endIndex == text.unicodeScalars.endIndex ? String(text) : String(String.UnicodeScalarView(shown)) + "…"
}
