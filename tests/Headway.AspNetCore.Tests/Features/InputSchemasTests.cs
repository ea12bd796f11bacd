using Headway.AspNetCore.Features;

namespace Headway.AspNetCore.Tests.Features;

public sealed class InputSchemasTests
{
    [Theory]
    [InlineData("$", "")]
    [InlineData("$.score", "/score")]
    [InlineData("$.items[2]", "/items/2")]
    [InlineData("$.items[2].name", "/items/2/name")]
    [InlineData("$[0][1]", "/0/1")]
    [InlineData("$.a/b.c~d", "/a~1b/c~0d")]
    [InlineData("$['two words'].x", "/two words/x")]
    public void Paths_become_pointers(string path, string expected) => InputSchemas.Pointer(path).ShouldBe(expected);
}
