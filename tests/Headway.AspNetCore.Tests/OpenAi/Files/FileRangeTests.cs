using System.Net;
using static Headway.AspNetCore.Tests.Calls;
using static Headway.AspNetCore.Tests.OpenAi.Files.FileForms;

namespace Headway.AspNetCore.Tests.OpenAi.Files;

/// <summary>Parts of the content of a kept file (RFC 9110, 14).</summary>
public sealed class FileRangeTests : IAsyncLifetime
{
    // Two whole pieces of what it is kept in, and some of a third.
    private const int Length = (2 * 256 * 1024) + 1_000;

    private readonly byte[] _bytes = new byte[Length];
    private HeadwayHost _host = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        new Random(5).NextBytes(_bytes);
        _host = await HeadwayHost.StartAsync(FileForms.Features);
        _id = (await _host.Http.UploadedAsync(new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { Content(_bytes, "application/zip"), "file", "a.zip" } })).GetProperty("id").GetString()!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-", 0, Length)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=262143-262144", 262_143, 2)]
    [InlineData("bytes=262144-524287", 262_144, 262_144)]
    [InlineData("bytes=262145-524289", 262_145, 262_145)]
    [InlineData("bytes=524288-", 524_288, 1_000)]
    [InlineData("bytes=525287-", 525_287, 1)]
    [InlineData("bytes=525000-999999999", 525_000, 288)]
    [InlineData("bytes=-1", 525_287, 1)]
    [InlineData("bytes=-1001", 524_287, 1_001)]
    [InlineData("bytes=-999999999", 0, Length)]
    public async Task The_part_that_is_asked_for_comes_and_says_which_it_is(string range, int from, int count)
    {
        using var answer = await ReadAsync(range);

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Header("Content-Range").ShouldBe($"bytes {from}-{from + count - 1}/{Length}");
        answer.Header("Content-Length").ShouldBe($"{count}");
        answer.Header("Content-Type").ShouldBe("application/zip");
        (await answer.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(_bytes.AsSpan(from, count)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("bytes=525288-")]
    [InlineData("bytes=525288-525290")]
    [InlineData("bytes=-0")]
    public async Task Where_nothing_lies_nothing_is_read(string range)
    {
        using var answer = await ReadAsync(range);

        await answer.ShouldBeErrorAsync(416, "range-unsatisfiable", null, $"{Length}");
        answer.Header("Content-Range").ShouldBe($"bytes */{Length}");
        (await EventsAsync()).ShouldBe(["submitted"]);
    }

    [Theory]
    [InlineData("bytes=5-3")]
    [InlineData("bytes=a-b")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=")]
    public async Task What_is_no_single_range_of_bytes_gets_the_whole(string range)
    {
        using var answer = await ReadAsync(range);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Header("Content-Length").ShouldBe($"{Length}");
        answer.Header("Accept-Ranges").ShouldBe("bytes");
    }

    [Fact]
    public async Task A_part_comes_only_of_the_file_that_is_known()
    {
        using var whole = await _host.Http.GetAsync($"/v1/files/{_id}/content");
        var tag = whole.Header("ETag")!;

        using var same = await ReadAsync("bytes=0-9", ("If-Range", tag));
        using var other = await ReadAsync("bytes=0-9", ("If-Range", "\"file-1\""));
        using var weak = await ReadAsync("bytes=0-9", ("If-Range", $"W/{tag}"));
        using var dated = await ReadAsync("bytes=0-9", ("If-Range", "Wed, 21 Oct 2015 07:28:00 GMT"));

        tag.ShouldBe($"\"{_id}\"");
        new[] { same, other, weak, dated }.Select(answer => answer.StatusCode).ShouldBe([HttpStatusCode.PartialContent, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK]);
    }

    [Fact]
    public async Task Each_part_is_a_delivery()
    {
        for (var i = 0; i < 2; i++) (await ReadAsync("bytes=0-9")).Dispose();

        (await EventsAsync()).ShouldBe(["submitted", "delivered", "delivered"]);
    }

    private Task<HttpResponseMessage> ReadAsync(string range, params (string, string)[] headers) =>
        _host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, $"/v1/files/{_id}/content"), [("Range", range), .. headers]));

    private async Task<IEnumerable<string?>> EventsAsync() =>
        (await GetAsync(_host.Http, $"/v1/files/{_id}/audit")).GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("action").GetString());
}
