// The terminal that `husk top` draws on: its size, what it can show, and its state before, which comes back.

import Glibc

final class Terminal {
    private var before = termios()

    /// Whether the output is a terminal that a picture can be drawn on.
    static var isScreen: Bool {
        isatty(STDOUT_FILENO) == 1 && Settings.environment("TERM") != nil && Settings.environment("TERM") != "dumb"
    }

    /// Whether the locale's letters are UTF-8. (POSIX, section 8.2: LC_ALL, then the category, then LANG)
    static var isUnicode: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Settings.environment($0) }.first ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// Columns and rows of the output; 80 × 24 where nobody knows.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        let columns = Settings.environment("COLUMNS").flatMap { Int($0) }.flatMap { (1...1000).contains($0) ? $0 : nil }
        return isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (columns ?? 80, 24)
    }

    /// Whether keys can be read.
    private(set) var hasKeys = false

    /// Takes the whole screen, without a cursor and without what is typed.
    func take() throws(Failure) {
        hasKeys = tcgetattr(STDIN_FILENO, &before) == 0
        if hasKeys {
            var raw = before
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
            tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        }
        try Output.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives it back as it was.
    func giveBack() {
        try? Output.write("\u{1B}[?25h\u{1B}[?1049l")
        if hasKeys { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    }

    /// Draws all lines over what there was.
    func draw(_ lines: [String]) throws(Failure) {
        let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        try Output.write("\u{1B}[H" + text + "\u{1B}[J")
    }

    /// Whether one of the keys that have been typed means to leave.
    func wantsToLeave() -> Bool {
        var keys = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &keys, keys.count)
        // The end of the input: nobody is there any more.
        guard count > 0 else { return count == 0 }
        return keys[..<count].contains { $0 == UInt8(ascii: "q") || $0 == UInt8(ascii: "Q") || $0 == 3 || $0 == 4 }
    }
}
