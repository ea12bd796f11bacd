using System.Diagnostics;
using System.Text;
using Headway.Client;

namespace ClinicTour;

/// <summary>Symptom chat: shown word by word. Then the log is read again from the middle: a broken connection resumes without gap or repeat.</summary>
internal sealed class StreamStop(Guide guide)
{
    public async Task ShowAsync()
    {
        guide.Announce("symptom-chat", "stream, prompt", "the first words within 2 s, then as they come; a broken stream resumes where it broke");
        var (answer, opened) = await Guide.TimeAsync(() => guide.Client.CallAsync("symptom-chat", guide.Input("chat-headache.json")));
        if (answer is not CallAnswer.Streaming { Job: { } job } streaming)
        {
            guide.Promise(false, $"a stream, not {answer.GetType().Name}");
            return;
        }

        var (shown, first, began) = (new List<JobEventRecord>(), TimeSpan.Zero, Stopwatch.GetTimestamp());
        await foreach (var one in streaming.Events)
        {
            if (first == default && one.Kind == "delta") first = Stopwatch.GetElapsedTime(began);
            shown.Add(one);
        }
        if (shown.LastOrDefault()?.As(HeadwayJson.Wire.EndEventRecord)?.Error is { } error)
        {
            guide.Promise(false, $"a whole stream; it ended by {error.Code}: {error.Message}");
            return;
        }

        var text = Text(shown);
        guide.Tell($"opened after {Guide.Seconds(opened)}, first words {Guide.Seconds(first)} later, {shown.Count(one => one.Kind == "delta")} pieces: {Guide.Beginning(text)}");
        guide.Promise(opened + first < TimeSpan.FromSeconds(2), "the first words within the acceptable wait");
        guide.Promise(text.Length > 0 && shown[^1].Kind == "end", "the stream ends by saying so");
        await ResumeAsync(job, shown);
        await guide.ShowJobAsync(job, Mode.Stream, "opened", "served");
    }

    private async Task ResumeAsync(string job, List<JobEventRecord> shown)
    {
        var logged = shown.Where(one => one.Id is not null).ToArray();
        var cut = logged[logged.Length / 2].Id!.Value;
        var rest = new List<JobEventRecord>();
        await foreach (var one in guide.Client.EventsAsync(job, cut)) rest.Add(one);

        var before = logged.Where(one => one.Id <= cut);
        var after = rest.Where(one => one.Id is not null);
        guide.Promise(Text(before.Concat(after)) == Text(logged), $"read again after event {cut}: the rest, without gap or repeat");
    }

    private static string Text(IEnumerable<JobEventRecord> events)
    {
        var text = new StringBuilder();
        foreach (var one in events.Where(one => one.Kind == "delta")) text.Append(one.As(HeadwayJson.Wire.DeltaEventRecord)?.Text);
        return text.ToString();
    }
}
