using Headway;
using ResearchAgent.Library;

namespace ResearchAgent;

/// <summary>A question becomes a report: planned, searched for, looked into by sub-agents, written down, and published once an editor has agreed.</summary>
internal sealed class Research(Shelf shelf, Mirrors mirrors, Reports reports) : Workflow<Enquiry, string>
{
    private static readonly TimeSpan EditorHas = TimeSpan.FromDays(2);

    protected override async Task<string> RunAsync(Enquiry enquiry, WorkflowContext flow)
    {
        // What the library holds on it is a draft of the plan; the model makes the plan of it.
        var draft = await flow.Step("look around", stop => shelf.DraftAsync(enquiry.Question, stop));
        if (draft.Searches.Count == 0) throw new WorkflowFailedException("nothing-held", "The library holds nothing on this question.");
        var plan = await flow.Call<Plan>("plan", new { enquiry.Question, draft.Searches });

        var done = 0;
        var findings = await flow.Each("topic", plan.Searches, async (search, topic) =>
        {
            var found = await InvestigateAsync(enquiry, search, topic);
            flow.Progress(++done, plan.Searches.Count, "topics");
            return found;
        }, concurrency: 4);

        var passages = findings.SelectMany(found => found.Passages).ToList();
        if (passages.Count == 0) throw new WorkflowFailedException("nothing-found", $"No topic could be looked into: {string.Join(", ", findings.Select(found => found.Missing))}.");
        var summary = await flow.Call<string>("summarise", new { enquiry.Question, passages });
        var report = Report.Of(enquiry, summary, findings);

        flow.OnFailure("withdraw the draft", stop => reports.WithdrawAsync(flow.Job, stop));
        await flow.Step("write the draft", stop => reports.WriteDraftAsync(flow.Job, report, stop));
        var editor = await flow.Approval("editor", EditorHas);
        if (!editor.Granted) throw new WorkflowFailedException("report-rejected", editor.Reason ?? "The editor gave no reason.");

        var signed = Report.Signed(report, editor);
        await flow.Step("publish", stop => reports.PublishAsync(flow.Job, signed, stop));
        return signed;
    }

    /// <summary>Three places are asked at once and the fastest is taken; what it gives is a sub-agent's to read. A topic that fails is missing from the report, and is named there.</summary>
    private async Task<Findings> InvestigateAsync(Enquiry enquiry, Search search, WorkflowContext topic)
    {
        try
        {
            var passages = await topic.Race("search",
                place => place.Step("shelf", stop => shelf.SearchAsync(search, stop)),
                place => place.Step("north mirror", stop => mirrors.SearchAsync("north", search, stop)),
                place => place.Step("south mirror", stop => mirrors.SearchAsync("south", search, stop)));
            if (passages.Count == 0) return new Findings(search.Topic, [], "nothing-held");
            return await topic.Call<Findings>("investigate", new Lead(enquiry.Question, search.Topic, passages));
        }
        catch (WorkflowFailedException failed)
        {
            return new Findings(search.Topic, [], failed.Code);
        }
    }
}
