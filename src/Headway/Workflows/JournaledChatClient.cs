using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Headway.Workflows;

/// <summary>A model whose answers are steps of a workflow: kept before they are used, and not asked for again.</summary>
internal sealed class JournaledChatClient(WorkflowContext flow, string model, Func<IChatClient> open) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages.ToList();
        var answer = await flow.Step($"model {model}", async stop =>
        {
            using var client = open();
            var response = await client.GetResponseAsync(asked, options, stop).ConfigureAwait(false);
            return JsonSerializer.SerializeToElement(response, AIJsonUtilities.DefaultOptions);
        });
        return answer.Deserialize<ChatResponse>(AIJsonUtilities.DefaultOptions)!;
    }

    /// <summary>The answer is kept whole, so it comes whole.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var whole = await GetResponseAsync(messages, options, cancellationToken);
        foreach (var update in whole.ToChatResponseUpdates()) yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
