using Headway.Features.Templates;

namespace Headway.Tests.Features.Templates;

public sealed class TemplateNamesTests
{
    [Theory]
    [InlineData("plain text, steps.x", "", "")]
    [InlineData("{{input.a}} and {{ item }}", "input item", "")]
    [InlineData("{{steps.split-all.clauses.0}}{{{steps.b}}}", "steps", "b split-all")]
    [InlineData("{{#each steps.a.list}}{{this}}{{../item}}{{../steps.b}}{{/each}}", "item steps", "a b")]
    [InlineData("{{#if steps.a}}{{else if @root.steps.b}}{{/if}}{{#unless this.steps.c}}{{/unless}}", "steps", "a b c")]
    [InlineData("{{! steps.a }}{{!-- input --}}{{lookup steps 'x'}}", "steps", "*")]
    [InlineData("{{log \"steps.a\" level=input}}{{@index}}", "input", "")]
    [InlineData("{{#with steps}}{{a.b}}{{/with}}", "a steps", "*")]
    [InlineData("{{ {{ {{ {{steps.a}}", "steps", "a")]
    public void They_are_told_from_the_text(string text, string roots, string steps)
    {
        var names = TemplateNames.Of(text);

        string.Join(' ', names.Roots.Order(StringComparer.Ordinal)).ShouldBe(roots);
        string.Join(' ', names.Steps.Order(StringComparer.Ordinal).Append(names.AllSteps ? "*" : "")).Trim().ShouldBe(steps);
    }

    [Fact]
    public void A_tag_without_an_end_is_not_looked_through_again_and_again() => TemplateNames.Of(string.Concat(Enumerable.Repeat("{{a ", 250_000))).Roots.ShouldBeEmpty();
}
