using Headway.Access;

namespace Headway.Tests.Access;

public sealed class KeyTextTests
{
    [Fact]
    public void A_new_text_is_whole_and_names_its_key()
    {
        var id = KeyText.NewId();
        var text = KeyText.New(id);
        (text.Length, KeyText.IdOf(text)).ShouldBe((KeyText.Length, id));
        KeyText.New(id).ShouldNotBe(text);
    }

    [Fact]
    public void One_sign_that_is_missing_or_another_is_told_without_asking_the_database()
    {
        var text = KeyText.New(KeyText.NewId());
        for (var at = 0; at < text.Length; at++)
        {
            KeyText.IdOf(text.Remove(at, 1)).ShouldBeNull();
            KeyText.IdOf(string.Concat(text.AsSpan(0, at), text[at] == 'x' ? "y" : "x", text.AsSpan(at + 1))).ShouldBeNull($"at {at}");
        }

        foreach (var other in new[] { "", "hw_", text + "x", text.ToUpperInvariant(), new string('ü', KeyText.Length) }) KeyText.IdOf(other).ShouldBeNull();
    }
}
