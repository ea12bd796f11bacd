using System.Globalization;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>What a caller prefers (RFC 7240): `respond-async` and `wait=SECONDS`. Preferences we do not know are ignored, as the RFC asks.</summary>
internal readonly record struct Preferences(TimeSpan? Wait, bool RespondAsync)
{
    public const string Rule = "It is a list of preferences such as `respond-async` or `wait=5`, where wait is a whole number of seconds (RFC 7240).";

    // A day: longer waits only differ in being typing errors, and stay far from the limits of TimeSpan.
    private const long LongestWaitSeconds = 86_400;

    public static bool TryParse(string text, out Preferences preferences)
    {
        preferences = default;
        TimeSpan? wait = null;
        bool sawWait = false, respondAsync = false;
        var rest = new Scanner(text);
        while (rest.NextInList())
        {
            if (!rest.Token(out var name) || !rest.OptionalValue(out var value) || !rest.SkipParameters()) return false;
            if (name.Equals("respond-async", StringComparison.OrdinalIgnoreCase)) respondAsync = true;
            if (!name.Equals("wait", StringComparison.OrdinalIgnoreCase) || sawWait) continue;

            // Given twice, the first counts (RFC 7240, section 2).
            sawWait = true;
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
            wait = TimeSpan.FromSeconds(Math.Min(seconds, LongestWaitSeconds));
        }

        preferences = new Preferences(wait, respondAsync);
        return rest.AtEnd;
    }

    /// <summary>Reads the grammar of RFC 7240, left to right.</summary>
    private ref struct Scanner(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _at;
        private bool _any;

        public readonly bool AtEnd => _at == _text.Length;

        /// <summary>Moves to the next element; empty elements are allowed in lists.</summary>
        public bool NextInList()
        {
            Space();
            if (_any && !AtEnd && _text[_at] != ',') return false;
            while (!AtEnd && (_text[_at] == ',' || IsSpace(_text[_at]))) _at++;
            _any = true;
            return !AtEnd;
        }

        public bool Token(out ReadOnlySpan<char> token)
        {
            var start = _at;
            while (!AtEnd && IsTokenCharacter(_text[_at])) _at++;
            token = _text[start.._at];
            return token.Length > 0;
        }

        public bool OptionalValue(out ReadOnlySpan<char> value)
        {
            value = default;
            Space();
            if (AtEnd || _text[_at] != '=') return true;
            _at++;
            Space();
            return !AtEnd && _text[_at] == '"' ? Quoted(out value) : Token(out value);
        }

        public bool SkipParameters()
        {
            Space();
            while (!AtEnd && _text[_at] == ';')
            {
                _at++;
                Space();
                if (AtEnd || _text[_at] is ';' or ',') continue;
                if (!Token(out _) || !OptionalValue(out _)) return false;
                Space();
            }

            return true;
        }

        private bool Quoted(out ReadOnlySpan<char> value)
        {
            value = default;
            var start = ++_at;
            while (!AtEnd && _text[_at] != '"') _at += _text[_at] == '\\' && _at + 1 < _text.Length ? 2 : 1;
            if (AtEnd) return false;
            value = _text[start.._at++];
            return true;
        }

        private void Space()
        {
            while (!AtEnd && IsSpace(_text[_at])) _at++;
        }

        private static bool IsSpace(char c) => c is ' ' or '\t';

        private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);
    }
}
