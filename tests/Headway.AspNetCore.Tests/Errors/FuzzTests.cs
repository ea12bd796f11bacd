using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Headway.AspNetCore.Tests.Errors;

/// <summary>Whatever is asked of any route, the answer is one that was intended: never a bug told as 500, never a connection that ends without an answer.</summary>
public sealed class FuzzTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private const int Asked = 1_500;

    private static readonly string[] Texts =
    [
        "", "a", "0", "-1", "9223372036854775808", "1e999", "null", "true", "{}", "[]", "\"", "%00", "..", "../../etc/passwd", "%2e%2e%2f", "job_", "job_00000000000000000000000000000000", "job_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        "resp_00000000000000000000000000000000", "file-00000000000000000000000000000000", "dlv_00000000000000000000000000000000", "echo", "echo@1", "echo@0", "echo@99999999999", "later", "later@2147483648", "é", "\ud83d\ude00", "a b", "a=b", "ward=", "=x",
        "2026-13-40T99:99:99Z", "2026-03-01T12:00:00Z", "1h", "-1h", "999999999d", "wait=30", "respond-async, wait=99999", "dead", "running", "Bearer x", "hw_x", "bytes=9-1", "bytes=-0", "*", "<script>", "'; DROP TABLE jobs; --", "{{x}}", "${HOME}", "\u202e", "x".PadRight(300, 'x'), "x".PadRight(5_000, 'y'),
    ];

    private static readonly string[] Bodies =
    [
        "", " ", "null", "true", "0", "\"\"", "[]", "{}", "{", "[[[[", "{\"a\":}", "{\"a\":1,\"a\":2}", "\"\\ud83d\"", "{\"model\":\"echo\"}", "{\"model\":7}", "{\"model\":\"chat\",\"messages\":[{}]}", "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":null}],\"stream\":true}",
        "{\"model\":\"later\",\"input\":[{\"type\":\"message\"}],\"background\":true}", "{\"input\":{}}\n{\"input\":1}\n\n{", "{\"features\":[\"later\"],\"wait\":0}", "{\"session\":\"x\",\"job\":\"y\",\"attempt\":-1}", "{\"since\":\"x\"}", "{\"subject\":\"\",\"reason\":null}", "{\"subject\":\"a\"}", "{\"from\":7}", "{\"version\":1.5}",
        "{\"version\":9999999999}", "{\"name\":\"x\",\"roles\":[\"god\"]}", "{\"age\":-1}", "{\"age\":1e400}", "\ufeff{}", "{\"x\":\"\\u0000\"}",
    ];

    private static readonly string[] Headers =
        ["Prefer", "Idempotency-Key", "Headway-Subject", "Headway-Priority", "Headway-Deadline", "Headway-Start-At", "Headway-Unique", "Headway-Debounce", "Headway-Endpoint", "Headway-Metadata", "Last-Event-ID", "If-None-Match", "Range", "Cache-Control", "traceparent", "Accept", "Authorization", "Expect", "Content-Encoding", "Host-Override"];

    private static readonly string[] MediaTypes = ["application/json", "application/x-ndjson", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/octet-stream", "image/png", "application/json; charset=utf-16"];

    [Fact]
    public async Task No_answer_is_a_bug()
    {
        edge.Open("gate");
        var operations = await OperationsAsync();
        var seed = Environment.GetEnvironmentVariable("HEADWAY_FUZZ_SEED") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : new Random().Next();
        var chance = new Random(seed);
        for (var i = 0; i < Asked; i++)
        {
            var (method, path) = operations[chance.Next(operations.Count)];
            using var request = Draw(chance, method, path);
            var told = $"HEADWAY_FUZZ_SEED={seed}, request {i}: {request}";
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            HttpResponseMessage answer;
            try
            {
                answer = await edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            }
            catch (HttpRequestException broken)
            {
                Assert.Fail($"{told}\n{broken}");
                throw;
            }

            using (answer)
            {
                if (answer.StatusCode < HttpStatusCode.InternalServerError) continue;
                var body = await answer.Content.ReadAsStringAsync(limit.Token);
                IsIntended(body).ShouldBeTrue($"{told}\n{(int)answer.StatusCode} {body}");
            }
        }
    }

    // What a handler, a full pool or a time limit answers is no bug.
    private static bool IsIntended(string body)
    {
        using var problem = JsonDocument.Parse(body);
        var code = problem.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : problem.RootElement.GetProperty("code").GetString();
        return code is not null and not "internal-error";
    }

    private static HttpRequestMessage Draw(Random chance, string method, string path)
    {
        var segments = path.Split('/').Select(segment => segment.StartsWith('{') ? Uri.EscapeDataString(Text(chance)) : segment);
        var target = string.Join('/', segments);
        if (chance.Next(2) == 0) target += "?" + string.Join('&', Enumerable.Range(0, chance.Next(1, 4)).Select(_ => $"{Uri.EscapeDataString(Name(chance))}={Uri.EscapeDataString(Text(chance))}"));
        // Long polls and streams that nobody ends would only take time.
        var request = new HttpRequestMessage(chance.Next(20) == 0 ? HttpMethod.Patch : new HttpMethod(method), new Uri(target, UriKind.Relative));
        if (method is "POST" || chance.Next(20) == 0)
        {
            request.Content = new ByteArrayContent(chance.Next(10) == 0 ? Bytes(chance) : Encoding.UTF8.GetBytes(Bodies[chance.Next(Bodies.Length)]));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", MediaTypes[chance.Next(4) == 0 ? chance.Next(MediaTypes.Length) : 0]);
        }
        for (var i = chance.Next(3); i > 0; i--) request.Headers.TryAddWithoutValidation(Headers[chance.Next(Headers.Length)], Plain(Text(chance)));
        return request;
    }

    private static string Text(Random chance) => chance.Next(8) == 0 ? Encoding.UTF8.GetString(Bytes(chance)).Replace('\0', 'x') : Texts[chance.Next(Texts.Length)];

    private static string Name(Random chance) => new[] { "limit", "cursor", "since", "until", "state", "feature", "subject", "q", "kind", "all", "order", "after", "stream", "starting_after", "by", "dryRun", "version", "job", "action", "include", "wait", "x" }[chance.Next(22)];

    private static byte[] Bytes(Random chance)
    {
        var bytes = new byte[chance.Next(200)];
        chance.NextBytes(bytes);
        return bytes;
    }

    // A client of .NET sends no control characters in a header; what does is tested over a raw socket.
    private static string Plain(string text) => new([.. text.Where(letter => letter is >= ' ' and < (char)127)]);

    private async Task<List<(string Method, string Path)>> OperationsAsync()
    {
        using var document = JsonDocument.Parse(await edge.Http.GetStringAsync("/openapi/v1.json"));
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), path.Name)))];
    }
}
