using Microsoft.Extensions.DependencyInjection;

namespace Headway.Testing;

/// <summary>The services of a test: those it gave, then those of its provider.</summary>
internal sealed class TestServices(IReadOnlyDictionary<Type, object> own, IServiceProvider? others, TimeProvider time) : IServiceProvider, IServiceScopeFactory, IServiceScope
{
    public IServiceProvider ServiceProvider => this;

    public object? GetService(Type serviceType) =>
        own.TryGetValue(serviceType, out var service) ? service
        : serviceType == typeof(IServiceScopeFactory) || serviceType == typeof(IServiceProvider) ? this
        : others?.GetService(serviceType) ?? (serviceType == typeof(TimeProvider) ? time : null);

    public IServiceScope CreateScope() => others?.GetService(typeof(IServiceScopeFactory)) is IServiceScopeFactory scopes ? new Scope(own, scopes.CreateScope(), time) : this;

    public void Dispose()
    {
    }

    private sealed class Scope(IReadOnlyDictionary<Type, object> own, IServiceScope scope, TimeProvider time) : IServiceScope, IAsyncDisposable
    {
        public IServiceProvider ServiceProvider { get; } = new TestServices(own, scope.ServiceProvider, time);

        public void Dispose() => scope.Dispose();

        public async ValueTask DisposeAsync()
        {
            if (scope is IAsyncDisposable disposable) await disposable.DisposeAsync().ConfigureAwait(false);
            else scope.Dispose();
        }
    }
}
