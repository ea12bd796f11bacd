using System.Text;
using Headway.Handlers.Prompt.Tools;
using Headway.Models.Providers;

namespace Headway.Tests.Handlers.Prompt.Tools;

public sealed class CappedLinesTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("12345", true)]
    [InlineData("123456", false)]
    [InlineData("12345\n12345\n12345\n", true)]
    [InlineData("12345\n1\n123456", false)]
    public async Task Lines_may_be_so_long_and_there_may_be_any_number_of_them(string text, bool fits)
    {
        foreach (var size in new[] { 1, 2, 4 })
        {
            using var lines = new CappedLines(new MemoryStream(Encoding.UTF8.GetBytes(text)), 5);
            var buffer = new byte[size];
            async Task ReadAsync()
            {
                while (await lines.ReadAsync(buffer) > 0)
                {
                    // To its end.
                }
            }

            if (fits) await ReadAsync();
            else await Should.ThrowAsync<CappedStreamException>(ReadAsync);
        }
    }
}
