// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IPoolManager} from "@uniswap/v4-core/src/interfaces/IPoolManager.sol";
import {IUnlockCallback} from "@uniswap/v4-core/src/interfaces/callback/IUnlockCallback.sol";
import {StateLibrary} from "@uniswap/v4-core/src/libraries/StateLibrary.sol";
import {BalanceDelta} from "@uniswap/v4-core/src/types/BalanceDelta.sol";
import {PoolKey} from "@uniswap/v4-core/src/types/PoolKey.sol";
import {SwapParams} from "@uniswap/v4-core/src/types/PoolOperation.sol";
import {IUniswapV2Pair} from "./UniswapV2.sol";

/// @title Asks real pools what they would do with many swaps in one call, and leaves no trace
/// @notice For `eth_call` on the local chain: each swap runs in a frame that always reverts with its answer.
contract Prober is IUnlockCallback {
    using SafeERC20 for IERC20;
    using StateLibrary for IPoolManager;

    /// @notice A swap as a pool saw it; the state is that after the swap. A refused swap has `ok` false.
    /// V2 gives its reserves after the swap as the two amounts and leaves the rest 0
    // solhint-disable-next-line gas-struct-packing
    struct Answer {
        bool ok;
        int256 amount0;
        int256 amount1;
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
    }

    /// @notice One V2 swap: pay `amountIn`, ask for `amountOut`
    struct TryV2 {
        bool zeroForOne;
        uint256 amountIn;
        uint256 amountOut;
    }

    /// @notice One V3 or V4 swap; positive `amount` is exact-in, negative exact-out
    // solhint-disable-next-line gas-struct-packing
    struct TryTicks {
        bool zeroForOne;
        int256 amount;
        uint160 sqrtPriceLimitX96;
    }

    /// @dev Carries an answer out of a frame that must leave nothing behind
    error Told(Answer answer);
    /// @dev A frame that always reverts did not: the contract asked is not a pool
    error NothingTold();
    /// @dev A frame ended for want of gas, which says nothing about the swap: ask for fewer at once
    error TooManyAtOnce();

    /// @notice For each swap: whether the V2 pair accepts it, and its reserves after. This contract must hold the tokens
    function tryV2(IUniswapV2Pair pair, TryV2[] calldata swaps) external returns (Answer[] memory answers) {
        answers = new Answer[](swaps.length);
        for (uint256 i = 0; i < swaps.length; i++) {
            try this.runV2(pair, swaps[i]) {
                revert NothingTold();
            } catch (bytes memory told) {
                answers[i] = _read(told);
            }
        }
    }

    /// @notice For each swap: what the V3 pool moved and its state after
    function tryV3(IUniswapV3Pool pool, TryTicks[] calldata swaps) external returns (Answer[] memory answers) {
        answers = new Answer[](swaps.length);
        for (uint256 i = 0; i < swaps.length; i++) {
            TryTicks calldata swap = swaps[i];
            try pool.swap(address(this), swap.zeroForOne, swap.amount, swap.sqrtPriceLimitX96, "") {
                revert NothingTold();
            } catch (bytes memory told) {
                answers[i] = _read(told);
            }
        }
    }

    /// @notice For each swap: what the V4 pool moved and its state after
    function tryV4(
        IPoolManager manager,
        PoolKey calldata key,
        TryTicks[] calldata swaps
    ) external returns (Answer[] memory answers) {
        answers = new Answer[](swaps.length);
        for (uint256 i = 0; i < swaps.length; i++) {
            try manager.unlock(abi.encode(key, swaps[i])) {
                revert NothingTold();
            } catch (bytes memory told) {
                answers[i] = _read(told);
            }
        }
    }

    /// @dev Pays first, as V2 wants it, then asks
    function runV2(IUniswapV2Pair pair, TryV2 calldata swap) external {
        IERC20(swap.zeroForOne ? pair.token0() : pair.token1()).safeTransfer(address(pair), swap.amountIn);
        (uint256 out0, uint256 out1) = swap.zeroForOne ? (uint256(0), swap.amountOut) : (swap.amountOut, uint256(0));
        pair.swap(out0, out1, address(this), "");
        (uint112 reserve0, uint112 reserve1, ) = pair.getReserves();
        revert Told(Answer(true, int256(uint256(reserve0)), int256(uint256(reserve1)), 0, 0, 0));
    }

    /// @dev The pool has already written its new price and liquidity when it asks to be paid
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external view {
        IUniswapV3Pool pool = IUniswapV3Pool(msg.sender);
        (uint160 sqrtPriceX96, int24 tick, , , , , ) = pool.slot0();
        revert Told(Answer(true, amount0, amount1, sqrtPriceX96, tick, pool.liquidity()));
    }

    /// @inheritdoc IUnlockCallback
    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (PoolKey memory key, TryTicks memory swap) = abi.decode(data, (PoolKey, TryTicks));
        IPoolManager manager = IPoolManager(msg.sender);
        // V4 turned the sign around: exact-in is negative there, and deltas are the swapper's.
        BalanceDelta delta = manager.swap(key, SwapParams(swap.zeroForOne, -swap.amount, swap.sqrtPriceLimitX96), "");
        (uint160 sqrtPriceX96, int24 tick, , ) = manager.getSlot0(key.toId());
        revert Told(
            Answer(
                true,
                -int256(delta.amount0()),
                -int256(delta.amount1()),
                sqrtPriceX96,
                tick,
                manager.getLiquidity(key.toId())
            )
        );
    }

    /// @dev A frame that runs out of gas leaves a 64th of at most 2^24, and no words; pools may refuse wordlessly too
    function _read(bytes memory told) private view returns (Answer memory answer) {
        require(told.length > 0 || gasleft() > 2 ** 24 / 64, TooManyAtOnce());
        if (told.length != 4 + 6 * 32 || bytes4(told) != Told.selector) return answer;
        assembly ("memory-safe") {
            answer := add(told, 36)
        }
    }
}
