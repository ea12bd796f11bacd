using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Headway.AspNetCore.Features;
using Headway.Client;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class BulkTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private static HttpRequestMessage Lines(string feature, string lines, params (string Name, string Value)[] headers)
        => With(new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}/jobs") { Content = Content(Encoding.UTF8.GetBytes(lines), "application/x-ndjson") }, headers);

    private static async Task<List<JsonElement>> VerdictsAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-ndjson");
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    private static string? Of(JsonElement verdict, string name) => verdict.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static string? CodeOf(JsonElement verdict) => verdict.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null;

    [Fact]
    public async Task Each_line_has_its_verdict_and_a_broken_one_hurts_only_itself()
    {
        var verdicts = await VerdictsAsync(await edge.Http.SendAsync(Lines("later", """
            {"input":{}}
            {"input":

            {"input":{},"priorty":3}
            {"input":{},"priority":12}
            {"input":{},"input":{}}
            []
            {"subject":"x"}
            {"input":{},"startAt":"1h","subject":"encounter/1","metadata":{"ward":"3b"},"priority":7}
            """)));

        verdicts.Select(verdict => Of(verdict, "line")).ShouldBe(["1", "2", "4", "5", "6", "7", "8", "9", null]);
        verdicts.Select(CodeOf).ShouldBe([null, "json-malformed", "line-invalid", "priority-invalid", "line-invalid", "line-invalid", "line-invalid", null, null]);
        verdicts[2].GetProperty("problem").GetProperty("detail").GetString()!.ShouldContain("priority");
        var end = verdicts[^1];
        (Of(end, "status"), Of(end, "lines"), Of(end, "accepted"), Of(end, "refused")).ShouldBe(("end", "8", "2", "6"));
        var job = await (await edge.Http.GetAsync($"/v1/jobs/{Of(verdicts[7], "job")}")).JsonAsync();
        job.GetProperty("state").GetString().ShouldBe("scheduled");
        job.GetProperty("subject").GetString().ShouldBe("encounter/1");
        job.GetProperty("priority").GetInt32().ShouldBe(7);
        job.GetProperty("metadata").GetProperty("ward").GetString().ShouldBe("3b");
    }

    [Fact]
    public async Task Headers_hold_for_every_line_that_does_not_say_otherwise()
    {
        var verdicts = await VerdictsAsync(await edge.Http.SendAsync(Lines("later", """
            {"input":{}}
            {"input":{},"priority":2}
            """, ("Headway-Subject", "run/7"), ("Headway-Priority", "8"))));

        var jobs = await Task.WhenAll(verdicts.Take(2).Select(async verdict => await (await edge.Http.GetAsync($"/v1/jobs/{Of(verdict, "job")}")).JsonAsync()));
        jobs.Select(job => (job.GetProperty("subject").GetString(), job.GetProperty("priority").GetInt32())).ShouldBe([("run/7", 8), ("run/7", 2)]);
    }

    [Fact]
    public async Task Whoever_reads_the_lines_is_told_when_a_verdict_cannot_be_had()
    {
        using var verdicts = new BulkVerdicts(new DefaultHttpContext().Response, CancellationToken.None);
        var broken = Task.FromException<IReadOnlyList<Verdict>>(new InvalidDataException("a bug"));

        var reading = Task.Run(async () =>
        {
            for (var n = 0; n < 100; n++) await verdicts.AddAsync(new BulkGroup(), broken, CancellationToken.None);
        });

        (await Should.ThrowAsync<ChannelClosedException>(reading.WaitAsync(TimeSpan.FromSeconds(20)))).InnerException.ShouldBeOfType<InvalidDataException>();
        await Should.ThrowAsync<InvalidDataException>(verdicts.EndAsync(whole: false).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_feature_whose_caller_waits_takes_none()
    {
        await (await edge.Http.SendAsync(Lines("echo", """{"input":{}}"""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "bulk-forbidden");
        await (await edge.Http.SendAsync(Call("/v1/features/later/jobs", "{}"))).ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "media-type-unsupported");
        await (await edge.Http.SendAsync(Lines("nothing", "{}"))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "feature-unknown");
    }

    [Fact]
    public async Task Ten_thousand_lines_are_taken_from_a_caller_who_reads_nothing_before_it_has_sent_all_and_one_more_is_not()
    {
        var lines = string.Concat(Enumerable.Range(1, 10_003).Select(n => $$"""{"input":{"n":{{n}}},"startAt":"1d"}""" + "\n"));

        var verdicts = await VerdictsAsync(await edge.Http.SendAsync(Lines("later", lines)));

        verdicts.Count.ShouldBe(10_002);
        verdicts.Take(10_000).Select(verdict => Of(verdict, "job")).Distinct().Count().ShouldBe(10_000);
        CodeOf(verdicts[10_000]).ShouldBe("lines-too-many");
        Of(verdicts[^1], "accepted").ShouldBe("10000");
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_passed_over()
    {
        await using var small = await HeadwayHost.StartAsync("features: { f: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { http: 'http://127.0.0.1:9/' }, maxInput: 1KiB } }");
        var (longer, longest) = (new string('x', 2_000), new string('x', 300_000));

        var verdicts = await VerdictsAsync(await small.Http.SendAsync(Lines("f", $$"""
            {"input":"a","startAt":"1h"}
            {"input":"{{longer}}","startAt":"1h"}
            {"input":"{{longest}}","startAt":"1h"}
            {"input":"b","startAt":"1h"}
            """)));

        verdicts.Select(CodeOf).ShouldBe([null, "input-too-large", "input-too-large", null, null]);
    }

    [Fact]
    public async Task What_was_answered_before_a_cut_is_durable_and_all_can_be_sent_again_under_the_same_key()
    {
        var sent = "";
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(edge.Http.BaseAddress!.Host, edge.Http.BaseAddress.Port);
            await using var stream = socket.GetStream();
            var head = "POST /v1/features/later/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\nIdempotency-Key: nightly\r\nContent-Length: 5000\r\n\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(head + """
                {"input":{"n":1},"startAt":"1h"}
                {"input":{"n":2},"startAt":"1h"}
                {"input":{"n":3},"sta
                """));
            using var reader = new StreamReader(stream);
            while (!sent.Contains("\"line\":2", StringComparison.Ordinal)) sent += await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) ?? throw new IOException("cut");
        }

        var verdicts = await VerdictsAsync(await edge.Http.SendAsync(Lines("later", """
            {"input":{"n":1},"startAt":"1h"}
            {"input":{"n":2},"startAt":"1h"}
            {"input":{"n":3},"startAt":"1h"}
            """, ("Idempotency-Key", "nightly"))));

        verdicts.Take(3).Select(verdict => Of(verdict, "status")).ShouldBe(["repeated", "repeated", "accepted"]);
        sent.ShouldContain(Of(verdicts[0], "job")!);
        sent.ShouldContain(Of(verdicts[1], "job")!);
        sent.ShouldNotContain("\"status\":\"end\"");
    }

    [Fact]
    public async Task The_client_sends_them_and_gives_each_verdict()
    {
        var client = new HeadwayClient(edge.Http);
        SubmissionRecord[] lines = [new() { Input = JsonElement.Parse("{}"), StartAt = "1h", Key = "client-1" }, new() { Input = JsonElement.Parse("{}"), Priority = 77 }, new() { Input = JsonElement.Parse("{}"), StartAt = "1h" }];

        var verdicts = await client.SubmitAsync("later", lines).ToListAsync();
        var again = await client.SubmitAsync("later", lines.Take(1)).ToListAsync();

        verdicts.Select(verdict => (verdict.Line, verdict.Status)).ShouldBe([(1, "accepted"), (2, "refused"), (3, "accepted")]);
        verdicts[1].Problem!.Code.ShouldBe("priority-invalid");
        again.ShouldHaveSingleItem().ShouldBe(verdicts[0] with { Status = "repeated" });
        (await client.GetJobAsync(verdicts[2].Job!)).State.ShouldBe(JobState.Scheduled);
    }
}
