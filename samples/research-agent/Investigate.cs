using Headway;
using ResearchAgent.Library;

namespace ResearchAgent;

/// <summary>The sub-agent: reads around what was found for one topic, lets a model choose what answers the question, and holds each quotation against the file it is said to be from.</summary>
internal sealed class Investigate(Shelf shelf) : Workflow<Lead, Findings>
{
    protected override async Task<Findings> RunAsync(Lead lead, WorkflowContext flow)
    {
        var passages = await flow.Step("read around", stop => shelf.ReadAroundAsync(lead, stop));
        var chosen = await flow.Call<Choice>("choose", new { lead.Question, lead.Topic, passages });
        var held = await flow.Step("check quotations", stop => shelf.HeldAsync(chosen.Passages, stop));
        return new Findings(lead.Topic, held, held.Count == 0 ? "nothing-held" : null);
    }
}
