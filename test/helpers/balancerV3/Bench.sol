// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRateProvider} from "@balancer-labs/v3-interfaces/contracts/solidity-utils/helpers/IRateProvider.sol";
import {IVault} from "@balancer-labs/v3-interfaces/contracts/vault/IVault.sol";
import "@balancer-labs/v3-interfaces/contracts/vault/VaultTypes.sol";
import {RevertCodec} from "@balancer-labs/v3-solidity-utils/contracts/helpers/RevertCodec.sol";

/// @title A token whose owner is everybody, with a rate that anybody sets
contract BenchToken is IRateProvider {
    uint8 public immutable decimals;
    uint256 public getRate = 1e18;
    mapping(address holder => uint256 amount) public balanceOf;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function setRate(uint256 rate) external {
        getRate = rate;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// @title What stands around a real Balancer V3 vault: its authorizer, its fee controller and its only user
/// @notice `probe` is for `eth_call` from the zero address: pools are filled, asked and forgotten. The others are
/// transactions that settle what they owe.
contract Bench {
    /// @notice One swap to try; `limit` is first tried where it is not 0, and must be refused
    struct Swap {
        SwapKind kind;
        uint256 indexIn;
        uint256 indexOut;
        uint256 amount;
        uint256 limit;
    }

    /// @notice A pool that is not initialised, what to fill it with, and swaps one after the other
    struct Ask {
        address pool;
        uint256[] balances;
        uint256[] ratesBefore;
        uint256[] ratesAfter;
        uint256 swapFee;
        uint256 aggregateSwapFee;
        uint256 aggregateYieldFee;
        Swap[] swaps;
    }

    /// @notice What one swap did, and the pool after it
    struct Answer {
        bool ok;
        bool okBeyondLimit;
        uint256 amountIn;
        uint256 amountOut;
        uint256[] balances;
        uint256[] lastLive;
    }

    IVault public immutable vault;

    constructor(IVault vault_) {
        vault = vault_;
    }

    /* AUTHORIZER AND FEE CONTROLLER */

    function canPerform(bytes32, address, address) external pure returns (bool) {
        return true;
    }

    function registerPool(address, address, bool) external pure returns (uint256, uint256) {
        return (0, 0);
    }

    /* SET-UP */

    /// @notice Registers `pool`; tokens ascend, `kinds` are 0 plain, 1 with rate, 2 with rate and yield fees
    function register(address pool, IERC20[] calldata tokens, uint256[] calldata kinds, uint256 swapFee) external {
        TokenConfig[] memory config = new TokenConfig[](tokens.length);
        for (uint256 i = 0; i < tokens.length; i++) {
            config[i].token = tokens[i];
            if (kinds[i] == 0) continue;
            config[i].tokenType = TokenType.WITH_RATE;
            config[i].rateProvider = IRateProvider(address(tokens[i]));
            config[i].paysYieldFees = kinds[i] == 2;
        }
        PoolRoleAccounts memory roles = PoolRoleAccounts(address(this), address(this), address(0));
        LiquidityManagement memory management;
        uint32 end = uint32(block.timestamp + 1 days);
        vault.registerPool(pool, config, swapFee, end, false, roles, address(0), management);
    }

    function setFees(address pool, uint256 swapFee, uint256 aggregateSwapFee, uint256 aggregateYieldFee) public {
        vault.setStaticSwapFeePercentage(pool, swapFee);
        vault.updateAggregateSwapFeePercentage(pool, aggregateSwapFee);
        vault.updateAggregateYieldFeePercentage(pool, aggregateYieldFee);
    }

    /* PROBES */

    /// @notice For each ask the error `Result` with what `run` returned; empty where the pool cannot be filled so
    function probe(Ask[] calldata asks) external returns (bytes[] memory told) {
        told = new bytes[](asks.length);
        for (uint256 i = 0; i < asks.length; i++) {
            try vault.quoteAndRevert(abi.encodeCall(Bench.run, (asks[i]))) {} catch (bytes memory why) {
                if (bytes4(why) == RevertCodec.Result.selector) told[i] = why;
            }
        }
    }

    /// @notice For the vault: fills the pool and makes the swaps
    function run(Ask calldata ask) external returns (Answer[] memory answers) {
        IERC20[] memory tokens = vault.getPoolTokens(ask.pool);
        _setRates(tokens, ask.ratesBefore);
        setFees(ask.pool, ask.swapFee, ask.aggregateSwapFee, ask.aggregateYieldFee);
        vault.initialize(ask.pool, address(this), tokens, ask.balances, 0, "");
        _setRates(tokens, ask.ratesAfter);
        answers = new Answer[](ask.swaps.length);
        for (uint256 i = 0; i < answers.length; i++) {
            Swap calldata swap = ask.swaps[i];
            Answer memory answer = answers[i];
            bool isExactIn = swap.kind == SwapKind.EXACT_IN;
            if (swap.limit != 0) (answer.okBeyondLimit, , ) = _try(ask.pool, tokens, swap, swap.limit);
            (answer.ok, answer.amountIn, answer.amountOut) = _try(
                ask.pool,
                tokens,
                swap,
                isExactIn ? 0 : type(uint256).max
            );
            (, , answer.balances, answer.lastLive) = vault.getPoolTokenInfo(ask.pool);
        }
    }

    function _setRates(IERC20[] memory tokens, uint256[] calldata rates) private {
        for (uint256 i = 0; i < tokens.length; i++) BenchToken(address(tokens[i])).setRate(rates[i]);
    }

    function _try(
        address pool,
        IERC20[] memory tokens,
        Swap calldata swap,
        uint256 limit
    ) private returns (bool ok, uint256 amountIn, uint256 amountOut) {
        VaultSwapParams memory params = VaultSwapParams(
            swap.kind,
            pool,
            tokens[swap.indexIn],
            tokens[swap.indexOut],
            swap.amount,
            limit,
            ""
        );
        try vault.swap(params) returns (uint256, uint256 took, uint256 paid) {
            return (true, took, paid);
        } catch {
            return (false, 0, 0);
        }
    }

    /* TRANSACTIONS */

    function initialize(address pool, uint256[] calldata amounts) external {
        vault.unlock(abi.encodeCall(Bench.onInitialize, (pool, amounts)));
    }

    function onInitialize(address pool, uint256[] calldata amounts) external {
        IERC20[] memory tokens = vault.getPoolTokens(pool);
        vault.initialize(pool, address(this), tokens, amounts, 0, "");
        for (uint256 i = 0; i < amounts.length; i++) _pay(tokens[i], amounts[i]);
    }

    function swap(VaultSwapParams calldata params) external {
        vault.unlock(abi.encodeCall(Bench.onSwap, (params)));
    }

    function onSwap(VaultSwapParams calldata params) external {
        (, uint256 amountIn, uint256 amountOut) = vault.swap(params);
        _pay(params.tokenIn, amountIn);
        vault.sendTo(params.tokenOut, address(this), amountOut);
    }

    function add(AddLiquidityParams calldata params) external {
        vault.unlock(abi.encodeCall(Bench.onAdd, (params)));
    }

    function onAdd(AddLiquidityParams calldata params) external {
        IERC20[] memory tokens = vault.getPoolTokens(params.pool);
        (uint256[] memory amounts, , ) = vault.addLiquidity(params);
        for (uint256 i = 0; i < amounts.length; i++) _pay(tokens[i], amounts[i]);
    }

    function remove(RemoveLiquidityParams calldata params) external {
        vault.unlock(abi.encodeCall(Bench.onRemove, (params)));
    }

    function onRemove(RemoveLiquidityParams calldata params) external {
        IERC20[] memory tokens = vault.getPoolTokens(params.pool);
        (, uint256[] memory amounts, ) = vault.removeLiquidity(params);
        for (uint256 i = 0; i < amounts.length; i++)
            if (amounts[i] != 0) vault.sendTo(tokens[i], address(this), amounts[i]);
    }

    function _pay(IERC20 token, uint256 amount) private {
        if (amount == 0) return;
        BenchToken(address(token)).mint(address(vault), amount);
        vault.settle(token, amount);
    }
}
