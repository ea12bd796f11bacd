using System.Text;
using FsCheck.Fluent;
using Headway.Handlers.Prompt.Citations;

namespace Headway.Tests.Handlers.Prompt.Citations;

public sealed class CitationTests
{
    [Theory]
    [InlineData("Metformin was raised to 1000 mg.", "metformin was raised")]
    [InlineData("raised to 1000\n   mg  twice", "raised to 1000 mg twice")]
    [InlineData("raised to 1000\u00A0mg", "raised to 1000 mg")]
    [InlineData("She said “it hurts” twice", "said \"it hurts\"")]
    [InlineData("She said \"it's bad\"", "‘it’s bad’")]
    [InlineData("«ça va» dit-il", "\"ça va\" dit‑il")]
    [InlineData("10–20 mg — daily", "10-20 mg - daily")]
    [InlineData("a minus −5", "a minus -5")]
    [InlineData("an of\u00ADfice and a zero\u200Bwidth", "an office and a zerowidth")]
    [InlineData("the \uFB01rst o\uFB03ce", "the first office")]
    [InlineData("café", "cafe\u0301")]
    [InlineData("Ａ１２ ｍｇ", "A12 mg")]
    [InlineData("½ tablet", "1/2 tablet")]
    [InlineData("한국어", "\u1112\u1161\u11AB국어")]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("He waited… then left", "waited... then")]
    [InlineData("a\u0323\u0307b", "a\u0307\u0323b")]
    [InlineData("The patient, who is 54, takes metformin and lisinopril daily.", "The patient … takes metformin … daily")]
    [InlineData("The patient, who is 54, takes metformin daily.", "The patient, ... [...] metformin daily")]
    [InlineData("The patient, who is 54, takes metformin daily.", "…takes metformin […] daily…")]
    [InlineData("wait.... what", "wait.... what")]
    [InlineData("aaab", "aab")]
    [InlineData("abacababacabad", "abacabad")]
    [InlineData("😀 fine", "😀")]
    public void A_citation_is_found_however_it_is_set(string input, string cited) => IsFound(input, cited).ShouldBeTrue();

    [Fact]
    public void A_letter_with_a_million_accents_is_read_in_no_more_than_its_length() =>
        IsFound($"{new string('\u0301', 500_000)}{new string('\u0300', 500_000)} Metformin was raised.", "metformin was raised").ShouldBeTrue();

    [Theory]
    [InlineData("Metformin was raised to 1000 mg.", "Metformin was raised to 2000 mg.")]
    [InlineData("Metformin was raised", "Metformin raised")]
    [InlineData("café", "cafe")]
    [InlineData("The patient takes metformin daily.", "daily … metformin")]
    [InlineData("The patient takes metformin once.", "metformin … metformin")]
    [InlineData("dose -5", "dose 5")]
    [InlineData("1.5 mg", "15 mg")]
    [InlineData("각하", "가")]
    [InlineData("", "anything")]
    public void What_is_not_there_is_not_found(string input, string cited) => IsFound(input, cited).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("…")]
    [InlineData("[...]")]
    [InlineData("., –")]
    [InlineData("\u200B\u00AD")]
    public void What_cites_nothing_is_no_citation(string cited) => Citation.Of(cited).ShouldBeNull();

    [Fact]
    public void Every_part_of_a_text_is_found_when_its_spaces_quotes_and_dashes_are_written_otherwise() =>
        Property.Check(random =>
        {
            var text = Text(random);
            var (from, to) = Part(random, text);

            var part = text[from..to];
            if (part.Any(char.IsLetterOrDigit)) IsFound(text, Mangled(random, part)).ShouldBeTrue($"{part} in {text}");
        }, cases: 1000);

    [Fact]
    public void A_part_with_another_letter_is_not_found() =>
        Property.Check(random =>
        {
            var text = Text(random);
            var (from, to) = Part(random, text);
            var part = new StringBuilder(text, from, to - from, to - from);
            var letters = Enumerable.Range(0, part.Length).Where(at => char.IsLetter(part[at])).ToArray();
            if (letters.Length == 0) return;

            // The one letter that no text here has.
            part[letters[random.Next(letters.Length)]] = 'q';
            IsFound(text, Mangled(random, part.ToString())).ShouldBeFalse($"{part} in {text}");
        }, cases: 1000);

    [Fact]
    public void The_search_agrees_with_the_plain_one() => Property.Holds(Prop.ForAll(
        Gen.Choose(0, 40).SelectMany(length => Gen.Elements('a', 'b').ArrayOf(length)).Select(letters => new string(letters)).ToArbitrary(),
        Gen.Choose(1, 8).SelectMany(length => Gen.Elements('a', 'b').ArrayOf(length)).Select(letters => new string(letters)).ToArbitrary(),
        (text, sought) => new TextSearch(sought).EndIn(text, 0) == (text.IndexOf(sought, StringComparison.Ordinal) is >= 0 and var at ? at + sought.Length : -1)), cases: 2000);

    private const string Letters = "abcdefghijklmnoprstuvwxyzäöüéßΩж漢";
    private static readonly string[] Others = [" ", " ", " ", "\n", "\"", "'", "-", ", ", ". ", "7", "5", "(", ")"];

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 80)).Select(_ =>
        random.Next(3) > 0 ? Letters[random.Next(Letters.Length)].ToString() : Others[random.Next(Others.Length)]));

    private static (int From, int To) Part(Random random, string text)
    {
        var from = random.Next(text.Length);
        return (from, random.Next(from + 1, text.Length + 1));
    }

    private static string Mangled(Random random, string text) => string.Concat(text.Select(letter => letter switch
    {
        ' ' or '\n' => One(random, " ", "  ", "\n", "\u00A0", "\t ", "\u2009"),
        '"' or '\'' => One(random, "\"", "“", "”", "«", "'", "’"),
        '-' => One(random, "-", "–", "—", "\u2011", "−"),
        'é' => One(random, "é", "e\u0301", "É"),
        'f' => One(random, "f", "F", "ｆ", "f\u00AD"),
        _ => One(random, letter.ToString(), letter.ToString(), letter + "\u200B"),
    }));

    private static string One(Random random, params string[] ways) => ways[random.Next(ways.Length)];

    private static bool IsFound(string input, string cited) => Citation.Of(cited).ShouldNotBeNull().OccursIn(ComparableText.Of(input));
}
