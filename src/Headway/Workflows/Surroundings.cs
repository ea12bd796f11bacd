using Headway.Handlers;
using Microsoft.Extensions.AI;

namespace Headway.Workflows;

/// <summary>What the verbs of a workflow take from around it.</summary>
/// <param name="Models">A model by its name in the feature file, for one attempt.</param>
/// <param name="CallbackPath">The one-time address of what an attempt waits for by a name.</param>
/// <param name="PublicUrl">Under which address systems outside reach the service; null: it was not said.</param>
internal sealed record Surroundings(Func<string, Attempt, IChatClient> Models, Func<Attempt, string, string> CallbackPath, Uri? PublicUrl);
