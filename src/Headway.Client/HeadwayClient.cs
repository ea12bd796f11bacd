using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Headway.Client;

/// <summary>
/// Calls features and looks after their jobs, over HTTP. Safe to share. Refusals are a <see cref="HeadwayException"/>, a server that
/// cannot be reached an <see cref="HttpRequestException"/>.
/// </summary>
/// <remarks>The <see cref="HttpClient"/> is the caller's: its address is the server's, and its timeout must be longer than the longest sync feature called through it.</remarks>
public sealed partial class HeadwayClient
{
    /// <summary>How long one question for a job is held open. Proxies commonly cut at 60 s.</summary>
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);

    /// <summary>The pause when a server answers a long poll at once, unfinished.</summary>
    private static readonly TimeSpan PollPause = TimeSpan.FromSeconds(1);

    private readonly Sender _http;
    private readonly TimeProvider _time;
    private readonly EventReader _events;

    /// <summary>Makes a client of the server at the address of <paramref name="http"/>.</summary>
    /// <param name="time">Measures waits and pauses. Default: the system's clock.</param>
    public HeadwayClient(HttpClient http, TimeProvider? time = null) : this(http, null, time)
    {
    }

    /// <summary>Makes a client that shows an API key, or a token, with each request.</summary>
    /// <param name="apiKey">`hw_…`, or a JSON Web Token. Null: none, or what <paramref name="http"/> sends by itself.</param>
    /// <param name="time">Measures waits and pauses. Default: the system's clock.</param>
    public HeadwayClient(HttpClient http, string? apiKey, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null) throw new ArgumentException("The HttpClient has no BaseAddress: set it to the server's, such as http://127.0.0.1:8080/.", nameof(http));
        _http = new Sender(http, apiKey);
        _time = time ?? TimeProvider.System;
        _events = new EventReader(_http, _time);
    }

    /// <summary>Calls a feature with JSON.</summary>
    public Task<CallAnswer> CallAsync(string feature, string json, CallOptions? options = null, CancellationToken stop = default)
        => CallAsync(feature, new StringContent(json, new MediaTypeHeaderValue("application/json")), options, stop);

    /// <summary>Calls a feature with any input it takes: JSON, a file, a form with files. Never tried again by itself; an idempotency key makes trying again safe.</summary>
    public async Task<CallAnswer> CallAsync(string feature, HttpContent input, CallOptions? options = null, CancellationToken stop = default)
    {
        options ??= new CallOptions();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/features/{NameOf(feature, options.Version)}") { Content = input };
        CallHeaders.Add(request.Headers, options);

        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var job = CallHeaders.First(answer, "Headway-Job");
            return new CallAnswer.Streaming(job, _events.ReadAsync(job ?? "", null, answer, stop));
        }

        using (answer)
        {
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                return new CallAnswer.Accepted(await ReadAsync(answer, HeadwayJson.Wire.JobRecord, stop).ConfigureAwait(false)) { Submission = CallHeaders.First(answer, "Headway-Submission") };
            }

            return new CallAnswer.Done(await ReadResultAsync(answer, stop).ConfigureAwait(false));
        }
    }

    /// <summary>The features that the server serves.</summary>
    public async Task<IReadOnlyList<FeatureRecord>> FeaturesAsync(CancellationToken stop = default)
        => (await GetAsync("v1/features", HeadwayJson.Wire.FeatureListRecord, stop).ConfigureAwait(false)).Features;

    /// <summary>The job as it is now.</summary>
    public Task<JobRecord> GetJobAsync(string job, CancellationToken stop = default) => GetAsync(Address(job), HeadwayJson.Wire.JobRecord, stop);

    /// <summary>The job once it has ended, or as it is when <paramref name="longest"/> has passed. A job that waits for its replay is at its end too.</summary>
    /// <param name="longest">Null: as long as it takes.</param>
    public async Task<JobRecord> WaitJobAsync(string job, TimeSpan? longest = null, CancellationToken stop = default)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            var asked = _time.GetTimestamp();
            var left = longest - _time.GetElapsedTime(began) ?? LongPoll;
            var wait = Math.Clamp(Math.Ceiling(left.TotalSeconds), 0, LongPoll.TotalSeconds);
            using var request = new HttpRequestMessage(HttpMethod.Get, Address(job));
            request.Headers.TryAddWithoutValidation("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={wait:0}"));
            var record = await SendAsync(request, HeadwayJson.Wire.JobRecord, stop).ConfigureAwait(false);
            if (record.IsFinished || longest is { } most && _time.GetElapsedTime(began) >= most) return record;
            if (_time.GetElapsedTime(asked) < PollPause) await Task.Delay(PollPause, _time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Jobs newest first, page by page as they are read.</summary>
    public IAsyncEnumerable<JobRecord> ListJobsAsync(JobQuery? query = null, CancellationToken stop = default) => PagesAsync("v1/jobs", query ?? new JobQuery(), stop);

    /// <summary>Dead letters newest first, page by page as they are read.</summary>
    public IAsyncEnumerable<JobRecord> DeadLettersAsync(JobQuery? query = null, CancellationToken stop = default)
        => PagesAsync("v1/dead-letters", query ?? new JobQuery(), stop);

    /// <summary>The result of a job. A delivery: it is recorded as such.</summary>
    public async Task<ResultRecord> ResultAsync(string job, CancellationToken stop = default)
    {
        using var answer = await _http.GetAsync(Address(job) + "/result", stop).ConfigureAwait(false);
        return await ReadResultAsync(answer, stop).ConfigureAwait(false);
    }

    /// <summary>The events of a job after <paramref name="after"/>, then those to come, up to `end`. A broken connection is resumed without gap or repeat.</summary>
    public IAsyncEnumerable<JobEventRecord> EventsAsync(string job, long? after = null, CancellationToken stop = default) => _events.ReadAsync(job, after, null, stop);

    /// <summary>Every try at a job, oldest first.</summary>
    public async Task<IReadOnlyList<AttemptRecord>> AttemptsAsync(string job, CancellationToken stop = default)
        => (await GetAsync(Address(job) + "/attempts", HeadwayJson.Wire.AttemptListRecord, stop).ConfigureAwait(false)).Attempts;

    /// <summary>The audit events of a job, oldest first.</summary>
    public async Task<IReadOnlyList<AuditRecord>> AuditAsync(string job, CancellationToken stop = default)
        => (await GetAsync(Address(job) + "/audit", HeadwayJson.Wire.AuditListRecord, stop).ConfigureAwait(false)).Events;

    /// <summary>Cancels a job for good. Cancelling it again does nothing; a job that ended stays as it ended.</summary>
    public Task<JobRecord> CancelAsync(string job, CancellationToken stop = default) => PostAsync(Address(job) + "/cancel", HeadwayJson.Wire.JobRecord, stop);

    /// <summary>Cancels a job at once: a workflow undoes nothing.</summary>
    public Task<JobRecord> TerminateAsync(string job, CancellationToken stop = default) => PostAsync(Address(job) + "/terminate", HeadwayJson.Wire.JobRecord, stop);

    /// <summary>Takes a job aside until it is resumed; a workflow that runs, as soon as what it runs has ended.</summary>
    public Task<JobRecord> PauseAsync(string job, CancellationToken stop = default) => PostAsync(Address(job) + "/pause", HeadwayJson.Wire.JobRecord, stop);

    /// <summary>Lets a paused job go on where it was.</summary>
    public Task<JobRecord> ResumeAsync(string job, CancellationToken stop = default) => PostAsync(Address(job) + "/resume", HeadwayJson.Wire.JobRecord, stop);

    /// <summary>Runs a workflow again from a step on, as a new job that has got what this one got before that step.</summary>
    public Task<JobRecord> RerunAsync(string job, RerunOptions? options = null, CancellationToken stop = default)
    {
        var body = new System.Text.Json.Nodes.JsonObject();
        if (options?.From is { } from) body["from"] = from;
        if (options?.Occurrence is { } occurrence) body["occurrence"] = occurrence;
        if (options?.Input is { } input) body["input"] = System.Text.Json.Nodes.JsonNode.Parse(input);
        return PostAsync(Address(job) + "/rerun", body, options?.IdempotencyKey, HeadwayJson.Wire.JobRecord, stop);
    }

    /// <summary>Sends a signal to a workflow under way; it is kept until the workflow asks for it.</summary>
    /// <param name="name">As the workflow calls it, with the branches it lies in before it.</param>
    /// <param name="json">What is sent with it. Default: null.</param>
    /// <param name="idempotencyKey">Sent again with the same key it is the same signal. Default: none.</param>
    public Task<SignalRecord> SignalAsync(string job, string name, string json = "null", string? idempotencyKey = null, CancellationToken stop = default)
        => PostAsync($"{Address(job)}/signals/{Uri.EscapeDataString(name)}", System.Text.Json.Nodes.JsonNode.Parse(json), idempotencyKey, HeadwayJson.Wire.SignalRecord, stop);

    /// <summary>The versions of workflows' code, and how many jobs are under way with each.</summary>
    public Task<WorkflowListRecord> WorkflowsAsync(CancellationToken stop = default) => GetAsync("v1/workflows", HeadwayJson.Wire.WorkflowListRecord, stop);

    /// <summary>Says with which version of its code new jobs of a workflow begin.</summary>
    /// <param name="version">Null: with the highest.</param>
    public Task<WorkflowListRecord> PinWorkflowAsync(string feature, int? version, CancellationToken stop = default)
        => PostAsync($"v1/workflows/{Uri.EscapeDataString(feature)}/pin", new System.Text.Json.Nodes.JsonObject { ["version"] = version }, null, HeadwayJson.Wire.WorkflowListRecord, stop);

    /// <summary>Lets jobs under way go on with another version of their code, from their next attempt on.</summary>
    /// <param name="job">Only this one, which may be a dead letter. Default: all that are under way.</param>
    public Task<WorkflowMoveRecord> MoveWorkflowsAsync(string feature, int from, int to, string? job = null, CancellationToken stop = default)
    {
        var body = new System.Text.Json.Nodes.JsonObject { ["from"] = from, ["to"] = to };
        if (job is not null) body["job"] = job;
        return PostAsync($"v1/workflows/{Uri.EscapeDataString(feature)}/move", body, null, HeadwayJson.Wire.WorkflowMoveRecord, stop);
    }

    /// <summary>Puts a dead letter back to queued; its id and history stay.</summary>
    public Task<JobRecord> ReplayAsync(string job, CancellationToken stop = default) => ReplayAsync(job, new ReplayOptions(), stop);

    /// <summary>The same with another model or input.</summary>
    public Task<JobRecord> ReplayAsync(string job, ReplayOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PostAsync(Address(job) + "/replay", options, null, HeadwayJson.Wire.JobRecord, stop);
    }

    /// <summary>Dead letters by what they died of, the largest group first.</summary>
    public Task<DeadLetterGroupsRecord> DeadLetterGroupsAsync(JobQuery? query = null, CancellationToken stop = default)
        => GetAsync("v1/dead-letters/groups" + (query ?? new JobQuery()).ToQueryString(), HeadwayJson.Wire.DeadLetterGroupsRecord, stop);

    /// <summary>Replays the dead letters that match, or only tells what would become of them.</summary>
    /// <param name="model">The model that is asked, of this replay alone. Default: those that the features name.</param>
    /// <param name="atMost">1 to 10,000, which is the default.</param>
    /// <param name="idempotencyKey">A repeat with the same key gets the same report. Default: none.</param>
    public Task<ReplayRecord> ReplayDeadLettersAsync(JobQuery? query = null, bool dryRun = false, string? model = null, int? atMost = null, string? idempotencyKey = null, CancellationToken stop = default)
        => PostAsync("v1/dead-letters/replay" + (query ?? new JobQuery()).ToQueryString(dryRun: dryRun, atMost: atMost), new ReplayOptions { Model = model }, idempotencyKey, HeadwayJson.Wire.ReplayRecord, stop);

    /// <summary>The inputs that a job had, the present one last.</summary>
    public async Task<IReadOnlyList<InputRecord>> InputsAsync(string job, CancellationToken stop = default)
        => (await GetAsync(Address(job) + "/inputs", HeadwayJson.Wire.InputListRecord, stop).ConfigureAwait(false)).Inputs;

    /// <summary>How far a workflow is.</summary>
    /// <param name="cursor">`Next` of the page before. Default: the first page.</param>
    public Task<StepListRecord> StepsAsync(string job, string? cursor = null, CancellationToken stop = default)
        => GetAsync(Address(job) + "/steps" + (cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor)), HeadwayJson.Wire.StepListRecord, stop);

    /// <summary>One step of a workflow, with what it gave and what it cost; that it was viewed is audited.</summary>
    /// <param name="number">As the list tells it.</param>
    public Task<StepDetailRecord> StepAsync(string job, long number, CancellationToken stop = default)
        => GetAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Address(job)}/steps/{number}"), HeadwayJson.Wire.StepDetailRecord, stop);

    /// <summary>The whole journal of a workflow with its content: JSON, as tests of new code read it. Reading it is audited.</summary>
    public async Task<string> JournalAsync(string job, CancellationToken stop = default)
    {
        using var answer = await _http.GetAsync(Address(job) + "/journal", stop).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Submits many jobs of an async or hybrid feature, in as few requests as they need; gives the verdict of each line, in their order, as it comes.</summary>
    /// <param name="key">Line n is known by this key and its number, unless it has one of its own: then all of it can be sent again safely. Default: none.</param>
    /// <exception cref="HeadwayException">The whole was refused, or the answer broke off.</exception>
    public IAsyncEnumerable<VerdictRecord> SubmitAsync(string feature, IEnumerable<SubmissionRecord> lines, string? key = null, int? version = null, CancellationToken stop = default)
        => new Submissions(_http).SendAsync(NameOf(feature, version), lines, key, stop);

    private static string NameOf(string feature, int? version) =>
        Uri.EscapeDataString(version is null ? feature : string.Create(CultureInfo.InvariantCulture, $"{feature}@{version}")).Replace("%40", "@", StringComparison.Ordinal);

    private static string EndpointAddress(string endpoint) => "v1/endpoints/" + Uri.EscapeDataString(endpoint);

    private static string Address(string job) => "v1/jobs/" + Uri.EscapeDataString(job);

    private async IAsyncEnumerable<JobRecord> PagesAsync(string path, JobQuery query, [EnumeratorCancellation] CancellationToken stop)
    {
        string? cursor = null;
        do
        {
            var page = await GetAsync(path + query.ToQueryString(cursor), HeadwayJson.Wire.JobPageRecord, stop).ConfigureAwait(false);
            foreach (var job in page.Jobs) yield return job;
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, type, stop).ConfigureAwait(false);
    }

    private async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await SendAsync(request, type, stop).ConfigureAwait(false);
    }

    private Task<T> PostAsync<T>(string path, ReplayOptions options, string? idempotencyKey, JsonTypeInfo<T> type, CancellationToken stop)
        => PostAsync(path, options is { Model: null, Input: null } ? null : BodyOf(options), idempotencyKey, type, stop);

    /// <param name="body">Null: there is none.</param>
    private async Task<T> PostAsync<T>(string path, System.Text.Json.Nodes.JsonNode? body, string? idempotencyKey, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return await SendAsync(request, type, stop).ConfigureAwait(false);
    }

    private async Task<T> SendJsonAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> shape, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, shape) };
        return await SendAsync(request, type, stop).ConfigureAwait(false);
    }

    private static System.Text.Json.Nodes.JsonObject BodyOf(ReplayOptions options)
    {
        var body = new System.Text.Json.Nodes.JsonObject();
        if (options.Model is { } model) body["model"] = model;
        if (options.Input is { } input) body["input"] = System.Text.Json.Nodes.JsonNode.Parse(input);
        return body;
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var answer = await _http.SendAsync(request, stop).ConfigureAwait(false);
        return await ReadAsync(answer, type, stop).ConfigureAwait(false);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken stop)
    {
        if (!answer.IsSuccessStatusCode) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, stop).ConfigureAwait(false) ?? throw NotOurs(answer, null);
        }
        catch (System.Text.Json.JsonException wrong)
        {
            throw NotOurs(answer, wrong);
        }
    }

    private static HeadwayException NotOurs(HttpResponseMessage answer, Exception? inner)
        => HeadwayException.Because($"{answer.RequestMessage?.RequestUri} answered something else than Headway does: is it a Headway server?", (int)answer.StatusCode, inner);

    private static async Task<ResultRecord> ReadResultAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (!answer.IsSuccessStatusCode) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
        return new ResultRecord
        {
            Body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false),
            MediaType = answer.Content.Headers.ContentType?.MediaType ?? "application/octet-stream",
            Job = CallHeaders.First(answer, "Headway-Job"),
            Model = CallHeaders.First(answer, "Headway-Model"),
            Cost = decimal.TryParse(CallHeaders.First(answer, "Headway-Cost"), NumberStyles.Float, CultureInfo.InvariantCulture, out var cost) ? cost : null,
        };
    }
}
