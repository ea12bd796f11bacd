using Headway.Audit;
using Headway.Features;

namespace Headway.Handlers.Http;

/// <summary>
/// Carries a group to its service and brings each member its own part. A refusal or a bug (4xx, 500, an answer beyond the cap) may be of one input: then each member is called once
/// alone. One by one and not by halves, because that is never more than one call more than without groups, and takes one more round trip whatever is wrong.
/// </summary>
internal sealed class HttpGroupCall(HttpDefinition definition, HttpUpstream upstream)
{
    public async Task SendAsync(HttpGroup group)
    {
        if (await TryAsync(group.Members, group.Stop).ConfigureAwait(false)) return;
        // As many at once as there are members, which the pool allows in any case.
        await Task.WhenAll(group.Members.Where(member => !member.HasEnded).Select(SendAloneAsync)).ConfigureAwait(false);
    }

    private async Task SendAloneAsync(GroupMember member)
    {
#pragma warning disable CA1031 // What goes wrong with one is its own; the others have their calls.
        try
        {
            await TryAsync([member], member.Stop).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            member.Fail(exception);
        }
#pragma warning restore CA1031
    }

    private async Task<bool> TryAsync(IReadOnlyList<GroupMember> members, CancellationToken stop)
    {
        GroupAnswer? answer = null;
        try
        {
            // The first timeout among them: a request that all have left since then was too slow.
            var outcome = await upstream.CallAsync(CallAsync, members.Min(member => member.Attempt.Until), stop).ConfigureAwait(false);
            // Nothing was called: the circuit is open, and that is what everybody hears.
            answer ??= GroupAnswer.Failed(members, ((Outcome.Failed)outcome).Failure);
        }
        catch (OperationCanceledException) when (members.All(member => member.HasEnded))
        {
            return true;
        }
        return answer.TryEnd();

        async Task<Outcome> CallAsync(HttpMessageInvoker client, CancellationToken halt) => (answer = await this.CallAsync(client, members, halt).ConfigureAwait(false)).ForBreaker;
    }

    private async Task<GroupAnswer> CallAsync(HttpMessageInvoker client, IReadOnlyList<GroupMember> members, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, definition.Url);
        if (HttpRequests.AddDeclared(request, definition, Environment.GetEnvironmentVariable) is { } variable)
            return GroupAnswer.Failed(members, HttpFailures.HeaderMissing(upstream.Place, variable));

        // Before the first byte leaves. Whoever's disclosure cannot be recorded, or who leaves meanwhile, is not in the request.
        var recorded = await Task.WhenAll(members.Select(DiscloseAsync)).ConfigureAwait(false);
        GroupMember[] sent = [.. members.Where((member, index) => recorded[index] && !member.HasEnded)];
        if (sent.Length == 0) throw new OperationCanceledException("Nobody of the group is left.", stop);

        GroupRequests.Fill(request, sent);
        try
        {
            using var response = await client.SendAsync(request, stop).ConfigureAwait(false);
            return await GroupAnswers.ReadAsync(upstream, response, sent, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (HttpFailures.OfException(upstream.Place, exception) is { } failure)
        {
            return GroupAnswer.Failed(sent, failure);
        }
    }

    private async Task<bool> DiscloseAsync(GroupMember member)
    {
#pragma warning disable CA1031 // It is told to the one member whose record failed.
        try
        {
            await member.Attempt.Disclosures.OpenAsync(new Disclosure(upstream.Place, "http"), member.Stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            member.Fail(exception);
            return false;
        }
#pragma warning restore CA1031
    }
}
